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
import java.util.Optional;
import java.util.regex.Pattern;
import org.joda.money.CurrencyUnit;

/** How tenants and keys are called. */
final class TenantRoutes {
  private static final String PATH = "/api/billing/tenants";
  private static final String ONE = PATH + "/{tenant}";
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private final Tenants tenants;

  TenantRoutes(Tenants tenants) {
    this.tenants = tenants;
  }

  void mount(Routes routes) {
    routes.post(PATH, Role.STAFF, this::create);
    routes.get(PATH, Role.READERS, TenantRoutes::list).paged();
    routes.get(ONE, Role.READERS, (call, tx) -> one(tenants.get(tx, call.path("tenant"))));
    routes.put(ONE, Role.STAFF, this::replace);
    routes.delete(ONE, Role.STAFF, this::archive);
    routes.post(ONE + "/keys", Role.STAFF_OR_TENANT, this::makeKey);
    routes.get(ONE + "/keys", Role.READERS, this::listKeys).paged();
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
            .map(
                text ->
                    BillingFields.matching(
                        fields, "id", ID, text, "lower-case letters, digits and dashes"))
            .orElseGet(tenants::newId);
    String name = fields.text("name");
    CurrencyUnit currency = currency(fields);
    Tenant tenant =
        new Tenant(
            id,
            name,
            fields.findZone("zone").orElse(ZoneOffset.UTC),
            currency,
            BillingFields.read(fields, name),
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
    Tenants.Caller caller =
        new Tenants.Caller(call.principal().id(), present -> call.mustMatch(present.version()));
    return one(tenants.replace(tx, caller, call.path("tenant"), call.fields()));
  }

  /** What a tenant is to be, as the API takes it; what is not named stays, but for its details. */
  static TenantChange replacement(JsonFields fields) {
    String name = fields.text("name");
    Optional<ZoneId> zone = fields.findZone("zone");
    Optional<String> currency = fields.findText("currency");
    BillingDetails billing = BillingFields.read(fields, name);
    Optional<String> clock = fields.findText("testClock");
    fields.close();
    return present -> {
      if (currency.isPresent() && !currency.get().equals(present.currency().getCode())) {
        throw fields.wrong("currency", "it is " + present.currency() + " and never changes");
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
    };
  }

  private Reply archive(Call call, Transaction tx) {
    tenants.archive(tx, call.principal().id(), call.path("tenant"));
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
}
