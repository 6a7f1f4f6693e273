package io.tollgate.controlplane.invoice.composition;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.InvoiceView;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** {@code GET /pricing/estimate} of document 004. */
public final class EstimateRoutes implements Room {
  private static final String PATH = "/pricing/estimate";
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  private final Catalogs catalogs;
  private final Composition composition;
  private final InstantSource clock;

  /** Routes that estimate under the catalogs in force. */
  public EstimateRoutes(Catalogs catalogs, Composition composition, InstantSource clock) {
    this.catalogs = catalogs;
    this.composition = composition;
    this.clock = clock;
  }

  /** What document 004 answers, and the lines it comes from. */
  private record Answer(
      String catalog,
      String plan,
      String cycle,
      CurrencyUnit currency,
      BigDecimal subscription,
      BigDecimal usage,
      BigDecimal tax,
      BigDecimal total,
      List<InvoiceView.Line> breakdown) {}

  @Override
  public void mount(Routes routes) {
    routes
        .get(PATH, Role.READERS, this::estimate)
        .query("plan", "catalog", "currency", "cycle", "quantity", "usage", "addOns")
        .query("country", "region", "city", "postalCode");
  }

  private Reply estimate(Call call, Transaction tx) {
    Catalog catalog = catalog(call, tx, call.requiredQuery("plan"));
    Plan plan = catalog.plan(call.requiredQuery("plan")).orElseThrow();
    Price price = price(call, plan);
    Estimate estimate =
        new Estimate(
                catalog,
                plan,
                price.currency(),
                price.cycle(),
                quantity(call),
                addOns(call),
                units(call, plan))
            .sold();
    TaxProfile buyer =
        new TaxProfile(
            country(call).orElse(catalog.seller().country()),
            call.query("region").orElse(catalog.seller().region()),
            "",
            "",
            false,
            new TaxProfile.Place(
                "", call.query("city").orElse(""), call.query("postalCode").orElse("")));
    return Reply.ok(answer(estimate, estimate.invoice(composition, buyer, clock.instant())));
  }

  private static Optional<String> country(Call call) {
    Optional<String> country = call.query("country");
    if (country.filter(code -> !COUNTRIES.contains(code)).isPresent()) {
      throw Problem.invalid("country", "a code of ISO 3166-1 such as IN is expected");
    }
    return country;
  }

  /** A plan made for some tenants is priced for them and for staff. */
  private static boolean isShown(Call call, Plan plan) {
    String tenant = call.principal().tenant();
    return tenant == null || plan.isFor(tenant);
  }

  private Catalog catalog(Call call, Transaction tx, String plan) {
    List<Catalog> selling =
        catalogs.newest(tx).stream()
            .map(version -> version.catalog())
            .filter(catalog -> catalog.plan(plan).filter(sold -> isShown(call, sold)).isPresent())
            .filter(catalog -> call.query("catalog").map(catalog.name()::equals).orElse(true))
            .toList();
    return switch (selling.size()) {
      case 0 -> throw Problem.invalid("plan", "no catalog sells a plan '" + plan + "'");
      case 1 -> selling.getFirst();
      default ->
          throw Problem.invalid(
              "catalog",
              "several sell '"
                  + plan
                  + "'; name one: "
                  + selling.stream().map(Catalog::name).toList());
    };
  }

  private static Price price(Call call, Plan plan) {
    return plan.prices().stream()
        .filter(
            price -> call.query("currency").map(price.currency().getCode()::equals).orElse(true))
        .filter(price -> call.query("cycle").map(price.cycle().toString()::equals).orElse(true))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.invalid(
                    call.query("currency").isPresent() ? "currency" : "cycle",
                    "'" + plan.key() + "' is not sold so"));
  }

  private static int quantity(Call call) {
    return call.query("quantity").map(text -> whole("quantity", text)).orElse(1);
  }

  private static int whole(String name, String text) {
    if (!text.matches("[1-9][0-9]{0,5}")) {
      throw Problem.invalid(name, "a whole number from 1 to 999999 is expected");
    }
    return Integer.parseInt(text);
  }

  /** {@code addOns=extra-seats:2,custom-domain}. */
  private static Map<String, Integer> addOns(Call call) {
    Map<String, Integer> addOns = new LinkedHashMap<>();
    for (String part : call.query("addOns").map(text -> text.split(",")).orElse(new String[0])) {
      int colon = part.indexOf(':');
      String key = colon < 0 ? part : part.substring(0, colon);
      addOns.put(key, colon < 0 ? 1 : whole("addOns", part.substring(colon + 1)));
    }
    return addOns;
  }

  /** {@code usage=15000} where the plan prices one meter, else {@code usage=calls:15000,sms:20}. */
  private static Map<String, BigDecimal> units(Call call, Plan plan) {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    List<String> meters = plan.charges().stream().map(charge -> charge.meter()).distinct().toList();
    for (String part : call.query("usage").map(text -> text.split(",")).orElse(new String[0])) {
      int colon = part.indexOf(':');
      if (colon < 0 && meters.size() != 1) {
        throw Problem.invalid("usage", "meter:units of " + meters + " is expected");
      }
      String meter = colon < 0 ? meters.getFirst() : part.substring(0, colon);
      units.put(meter, amount(part.substring(colon + 1)));
    }
    return units;
  }

  private static BigDecimal amount(String text) {
    if (!text.matches("[0-9]{1,15}(\\.[0-9]{1,9})?")) {
      throw Problem.invalid("usage", "a number of units is expected, not '" + text + "'");
    }
    return new BigDecimal(text);
  }

  private static Answer answer(Estimate estimate, @Nullable InvoiceDetails invoice) {
    Money nothing = Money.zero(estimate.currency());
    Money subscription = nothing;
    Money usage = nothing;
    List<InvoiceLine> lines = invoice == null ? List.of() : invoice.lines();
    for (InvoiceLine line : lines) {
      if (line.charge() instanceof Charge.Usage) {
        usage = usage.plus(line.amount());
      } else {
        subscription = subscription.plus(line.amount());
      }
    }
    Money tax = invoice == null ? nothing : invoice.invoice().totals().tax();
    return new Answer(
        estimate.catalog().name(),
        estimate.plan().key(),
        estimate.cycle().toString(),
        estimate.currency(),
        subscription.getAmount(),
        usage.getAmount(),
        tax.getAmount(),
        subscription.plus(usage).plus(tax).getAmount(),
        lines.stream().map(InvoiceView.Line::of).toList());
  }
}
