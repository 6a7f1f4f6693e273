package io.tollgate.controlplane.catalog;

import io.tollgate.controlplane.catalog.Catalogs.Applied;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Catalogs and plans over HTTP. */
final class CatalogRoutes {
  private static final String YAML = "application/yaml";

  private final Catalogs catalogs;

  CatalogRoutes(Catalogs catalogs) {
    this.catalogs = catalogs;
  }

  void mount(Routes routes) {
    routes.get("/api/billing/plans", Role.READERS, this::plans);
    routes
        .post("/api/billing/catalogs", Role.ADMINS, this::apply)
        .accepts(YAML, "application/x-yaml", "text/yaml");
    routes.get("/api/billing/catalogs", Role.READERS, this::list);
    routes.get("/api/billing/catalogs/{name}/{version}", Role.READERS, this::source);
  }

  /** {@code ?dryRun=true} says what would change; {@code ?file=} names the text in messages. */
  private Reply apply(Call call, Transaction tx) {
    String file = call.query("file").orElse("catalog.yaml");
    boolean dry = call.query("dryRun").map(Boolean::parseBoolean).orElse(false);
    Applied applied =
        dry
            ? catalogs.dryRun(tx, file, call.text())
            : catalogs.apply(tx, call.principal().id(), file, call.text());
    String location = "/api/billing/catalogs/" + applied.name() + "/" + applied.version();
    return dry || !applied.changed() ? Reply.ok(applied) : Reply.created(location, applied);
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
    return Reply.of(YAML, stored.source().getBytes(StandardCharsets.UTF_8));
  }

  /** Document 001: what can be bought today, from every catalog's newest version. */
  private Reply plans(Call call, Transaction tx) {
    String only = call.query("catalog").orElse("");
    List<Map<String, Object>> plans = new ArrayList<>();
    for (CatalogVersion version : catalogs.newest(tx)) {
      if (only.isEmpty() || only.equals(version.name())) {
        for (Plan plan : version.catalog().plans().values()) {
          if (!plan.archived()) {
            plans.add(plan(version, plan));
          }
        }
      }
    }
    return Reply.ok(new Page<>(plans, null));
  }

  private static Map<String, Object> plan(CatalogVersion version, Plan plan) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("key", plan.key());
    shown.put("catalog", version.name());
    shown.put("version", version.version());
    shown.put("product", plan.product());
    shown.put("title", plan.title());
    shown.put("description", plan.description());
    shown.put("trialDays", plan.trialDays());
    shown.put("prices", prices(plan.prices()));
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
      each.put("amount", price.amount() == null ? "custom" : price.amount());
      shown.add(each);
    }
    return shown;
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
