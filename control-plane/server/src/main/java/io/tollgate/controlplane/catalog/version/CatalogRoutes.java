package io.tollgate.controlplane.catalog.version;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.version.Catalogs.Applied;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.yaml.YamlFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Catalogs and plans over HTTP. */
final class CatalogRoutes {
  private static final String YAML = "application/yaml";
  private static final String JSON = "application/json";

  private final Catalogs catalogs;

  CatalogRoutes(Catalogs catalogs) {
    this.catalogs = catalogs;
  }

  void mount(Routes routes) {
    routes.get("/api/billing/plans", Role.READERS, this::plans).query("catalog");
    routes
        .post("/api/billing/catalogs", Role.ADMINS, this::apply)
        .accepts(YAML, "application/x-yaml", "text/yaml", JSON)
        .query("dryRun", "file");
    routes.post("/api/billing/catalogs/{name}/archive", Role.ADMINS, this::archive);
    routes.get("/api/billing/catalogs", Role.READERS, this::list).paged().query("name");
    // Not for tenants: it has the deals of others, and every coupon.
    routes
        .get("/api/billing/catalogs/{name}/{version}", Role.WATCHERS, this::source)
        .query("format");
  }

  /** {@code ?dryRun=true} says what would change; {@code ?file=} names the text in messages. */
  private Reply apply(Call call, Transaction tx) {
    String file = call.query("file").orElse("catalog.yaml");
    boolean dry = call.flag("dryRun");
    Applied applied =
        dry
            ? catalogs.dryRun(tx, file, call.text())
            : catalogs.apply(tx, call.principal().id(), file, call.text());
    String location = "/api/billing/catalogs/" + applied.name() + "/" + applied.version();
    return dry || !applied.changed() ? Reply.ok(applied) : Reply.created(location, applied);
  }

  /** {@code {"plan": KEY}} or {@code {"addOn": KEY}} is no longer sold. */
  private Reply archive(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    Optional<String> plan = fields.findText("plan");
    Optional<String> addOn = fields.findText("addOn");
    fields.close();
    if (plan.isPresent() == addOn.isPresent()) {
      throw fields.wrong("plan", "either a plan or an addOn is expected");
    }
    String what = plan.map("plans."::concat).orElseGet(() -> "add-ons." + addOn.orElseThrow());
    return Reply.ok(catalogs.archive(tx, call.principal().id(), call.path("name"), what));
  }

  private Reply list(Call call, Transaction tx) {
    PageRequest page = call.page();
    List<CatalogStore.Stored> stored = CatalogStore.page(tx, call.query("name").orElse(null), page);
    return Reply.ok(
        Page.of(stored, page, each -> "%s@%09d".formatted(each.name(), each.version()))
            .map(
                each ->
                    Map.of(
                        "name", each.name(),
                        "version", each.version(),
                        "appliedAt", each.appliedAt(),
                        "appliedBy", each.appliedBy())));
  }

  private static boolean isJson(String format) {
    return switch (format) {
      case "json" -> true;
      case "yaml" -> false;
      default -> throw Problem.invalid("format", "yaml or json is expected");
    };
  }

  private Reply source(Call call, Transaction tx) {
    String name = call.path("name");
    String version = call.path("version");
    Optional<Integer> number =
        version.equals("newest")
            ? CatalogStore.newest(tx, name)
            : Optional.of(version).filter(v -> v.matches("\\d{1,9}")).map(Integer::valueOf);
    CatalogStore.Stored stored =
        number
            .flatMap(n -> CatalogStore.find(tx, name, n))
            .orElseThrow(() -> Problem.notFound("catalog", name + "@" + version));
    boolean json =
        call.query("format")
            .map(CatalogRoutes::isJson)
            .orElseGet(
                () -> call.header("Accept").map(accept -> accept.contains(JSON)).orElse(false));
    return json
        ? Reply.ok(YamlFile.parse(name, stored.source(), Map.of()).plain())
        : Reply.of(YAML, stored.source().getBytes(StandardCharsets.UTF_8));
  }

  /** Document 001: what can be bought today, from every catalog's newest version. */
  private Reply plans(Call call, Transaction tx) {
    String only = call.query("catalog").orElse("");
    List<Map<String, Object>> plans = new ArrayList<>();
    for (CatalogVersion version : catalogs.newest(tx)) {
      if (only.isEmpty() || only.equals(version.name())) {
        for (Plan plan : version.catalog().plans().values()) {
          if (!plan.archived() && isShown(call, plan)) {
            plans.add(plan(version, plan, call.principal().tenant()));
          }
        }
      }
    }
    return Reply.ok(new Page<>(plans, null));
  }

  /** A plan made for some tenants is shown to them and to staff. */
  private static boolean isShown(Call call, Plan plan) {
    String own = call.principal().tenant();
    return own == null || plan.isFor(own);
  }

  /**
   * @param own the tenant who asks, to whom no other is named; null for staff
   */
  private static Map<String, Object> plan(CatalogVersion version, Plan plan, @Nullable String own) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("key", plan.key());
    shown.put("catalog", version.name());
    shown.put("version", version.version());
    shown.put("product", plan.product());
    shown.put("title", plan.title());
    shown.put("description", plan.description());
    shown.put("trialDays", plan.trialDays());
    shown.put("prices", prices(plan.prices()));
    shown.put("promotions", plan.promotions().stream().map(CatalogRoutes::promotion).toList());
    shown.put(
        "tenants",
        plan.tenants().stream()
            .filter(tenant -> own == null || own.equals(tenant))
            .sorted()
            .toList());
    shown.put("features", plan.features());
    shown.put("limits", plan.limits().stream().map(CatalogRoutes::limit).toList());
    shown.put(
        "charges",
        plan.charges().stream()
            .map(
                charge ->
                    Map.of("key", charge.key(), "title", charge.title(), "meter", charge.meter()))
            .toList());
    shown.put(
        "addOns",
        version.catalog().addOnsOf(plan.key()).stream()
            .filter(addOn -> !addOn.archived())
            .map(CatalogRoutes::addOn)
            .toList());
    return shown;
  }

  private static Map<String, Object> promotion(Plan.Promotion promotion) {
    return Map.of(
        "from", promotion.from(),
        "until", promotion.until(),
        "prices", prices(promotion.prices()));
  }

  private static Map<String, Object> addOn(AddOn addOn) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("key", addOn.key());
    shown.put("title", addOn.title());
    shown.put("description", addOn.description());
    shown.put("unit", addOn.unit());
    if (addOn.isOneOff()) {
      shown.put(
          "oneOff",
          addOn.oneOff().entrySet().stream()
              .map(
                  price -> Map.of("currency", price.getKey().getCode(), "amount", price.getValue()))
              .toList());
    } else {
      shown.put("prices", prices(addOn.recurring()));
    }
    return shown;
  }

  private static List<Map<String, Object>> prices(List<Price> prices) {
    List<Map<String, Object>> shown = new ArrayList<>();
    for (Price price : prices) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("currency", price.currency().getCode());
      each.put("cycle", price.cycle().toString());
      each.put("amount", price.amount() == null ? word(price) : price.amount());
      shown.add(each);
    }
    return shown;
  }

  private static String word(Price price) {
    return price.isCustom() ? "custom" : "by-quantity";
  }

  private static Map<String, Object> limit(LimitSpec limit) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", limit.name());
    switch (limit) {
      case LimitSpec.Rate rate -> {
        shown.put("kind", "rate");
        shown.put("meter", rate.meter());
        shown.put("amount", rate.amount());
        shown.put("per", rate.per().toString());
        shown.put("burst", rate.burst());
      }
      case LimitSpec.Quota quota -> {
        shown.put("kind", "quota");
        shown.put("meter", quota.meter());
        shown.put("amount", quota.amount());
        shown.put("window", quota.window().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      }
      case LimitSpec.Concurrency concurrency -> {
        shown.put("kind", "concurrency");
        shown.put("permits", concurrency.permits());
      }
      case LimitSpec.Unlimited unlimited -> shown.put("kind", "unlimited");
    }
    return shown;
  }
}
