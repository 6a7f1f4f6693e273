package io.tollgate.controlplane.tenant;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** How tenants and keys are called. */
final class TenantRoutes {
  private static final String PATH = "/api/billing/tenants";
  private static final String ONE = PATH + "/{tenant}";
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern GSTIN =
      Pattern.compile("\\d{2}[A-Z]{5}\\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]");
  private static final Pattern PAN = Pattern.compile("[A-Z]{5}\\d{4}[A-Z]");
  private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+");
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  private final Tenants tenants;

  TenantRoutes(Tenants tenants) {
    this.tenants = tenants;
  }

  void mount(Routes routes) {
    routes.post(PATH, Role.STAFF, this::create);
    routes.get(PATH, Role.READERS, TenantRoutes::list);
    routes.get(ONE, Role.READERS, (call, tx) -> one(tenants.get(tx, call.path("tenant"))));
    routes.put(ONE, Role.STAFF, this::replace);
    routes.delete(ONE, Role.STAFF, this::archive);
    routes.post(ONE + "/keys", Role.STAFF_OR_TENANT, this::makeKey);
    routes.get(ONE + "/keys", Role.READERS, this::listKeys);
    routes.delete(ONE + "/keys/{key}", Role.STAFF_OR_TENANT, this::revokeKey);
  }

  private Reply create(Call call, Transaction tx) {
    Tenant created = tenants.create(tx, call.principal().id(), read(call.fields()));
    return Reply.created(PATH + "/" + created.id(), created).version(created.version());
  }

  /** A new tenant as the API takes it. */
  Tenant read(JsonFields fields) {
    String id =
        fields
            .findText("id")
            .map(text -> matching(fields, "id", ID, text, "lower-case letters, digits and dashes"))
            .orElseGet(tenants::newId);
    String name = fields.text("name");
    CurrencyUnit currency = currency(fields);
    Tenant tenant =
        new Tenant(
            id,
            name,
            fields.findZone("zone").orElse(ZoneOffset.UTC),
            currency,
            billing(fields, name),
            fields.findText("testClock").orElse(null),
            1,
            tenants.wallNow(),
            null);
    fields.close();
    return tenant;
  }

  private static Reply list(Call call, Transaction tx) {
    PageRequest page = call.page();
    return Reply.ok(Page.of(TenantStore.page(tx, page), page, Tenant::id));
  }

  private static Reply one(Tenant tenant) {
    return Reply.ok(tenant).version(tenant.version());
  }

  private Reply replace(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    String name = fields.text("name");
    Optional<ZoneId> zone = fields.findZone("zone");
    Optional<String> currency = fields.findText("currency");
    BillingDetails billing = billing(fields, name);
    Optional<String> clock = fields.findText("testClock");
    fields.close();
    return one(
        tenants.update(
            tx,
            call.principal().id(),
            call.path("tenant"),
            present -> {
              call.mustMatch(present.version());
              if (currency.isPresent() && !currency.get().equals(present.currency().getCode())) {
                throw fields.wrong(
                    "currency", "it is " + present.currency() + " and never changes");
              }
              return new Tenant(
                  present.id(),
                  name,
                  zone.orElse(present.zone()),
                  present.currency(),
                  billing,
                  clock.orElse(present.testClock()),
                  present.version() + 1,
                  present.createdAt(),
                  null);
            }));
  }

  private Reply archive(Call call, Transaction tx) {
    String id = call.path("tenant");
    tenants.mayArchive(tx, id);
    tenants.update(
        tx,
        call.principal().id(),
        id,
        present ->
            new Tenant(
                present.id(),
                present.name(),
                present.zone(),
                present.currency(),
                present.billing(),
                present.testClock(),
                present.version() + 1,
                present.createdAt(),
                tenants.wallNow()));
    return Reply.noContent();
  }

  private Reply makeKey(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    String name = fields.findText("name").orElse("key");
    fields.close();
    String tenant = call.path("tenant");
    Tenants.MadeKey made = tenants.makeKey(tx, call.principal().id(), tenant, name);
    return Reply.created(PATH + "/" + tenant + "/keys/" + made.key().id(), made).secret();
  }

  private Reply listKeys(Call call, Transaction tx) {
    PageRequest page = call.page();
    Tenant tenant = tenants.get(tx, call.path("tenant"));
    return Reply.ok(Page.of(TenantStore.keys(tx, tenant.id(), page), page, ApiKey::id));
  }

  private Reply revokeKey(Call call, Transaction tx) {
    tenants.revokeKey(tx, call.principal().id(), call.path("tenant"), call.path("key"));
    return Reply.noContent();
  }

  private static CurrencyUnit currency(JsonFields fields) {
    String code = fields.text("currency");
    try {
      return Amounts.currency(code);
    } catch (IllegalArgumentException e) {
      throw fields.wrong("currency", String.valueOf(e.getMessage()));
    }
  }

  private static BillingDetails billing(JsonFields fields, String name) {
    Optional<JsonFields> given = fields.findObject("billing");
    if (given.isEmpty()) {
      return BillingDetails.named(name);
    }
    JsonFields billing = given.get();
    BillingDetails details =
        new BillingDetails(
            billing.findText("name").orElse(name),
            billing.texts("address"),
            checked(billing, "country", COUNTRIES),
            billing.findText("region").orElse(""),
            billing.findText("city").orElse(""),
            billing.findText("postalCode").orElse(""),
            checked(billing, "gstin", GSTIN, "a GSTIN such as 29ABCDE1234F1Z5"),
            checked(billing, "pan", PAN, "a PAN such as ABCDE1234F"),
            billing.findText("taxId").orElse(""),
            billing.findText("taxExemption").orElse(""),
            billing.bool("reverseCharge", false),
            checked(billing, "email", EMAIL, "an e-mail address"),
            language(billing));
    billing.close();
    return details;
  }

  private static Locale language(JsonFields billing) {
    @Nullable String tag = billing.findText("language").orElse(null);
    if (tag == null) {
      return Locale.ENGLISH;
    }
    try {
      return new Locale.Builder().setLanguageTag(tag).build();
    } catch (IllformedLocaleException e) {
      throw billing.wrong(
          "language", "a language tag such as en-IN is expected, not '" + tag + "'");
    }
  }

  private static String checked(JsonFields fields, String field, Set<String> allowed) {
    String text = fields.findText(field).orElse("");
    if (!text.isEmpty() && !allowed.contains(text)) {
      throw fields.wrong(field, "an ISO 3166 code such as IN is expected, not '" + text + "'");
    }
    return text;
  }

  private static String checked(JsonFields fields, String field, Pattern form, String what) {
    return fields.findText(field).map(text -> matching(fields, field, form, text, what)).orElse("");
  }

  private static String matching(
      JsonFields fields, String field, Pattern form, String text, String what) {
    if (!form.matcher(text).matches()) {
      throw fields.wrong(field, what + " is expected, not '" + text + "'");
    }
    return text;
  }
}
