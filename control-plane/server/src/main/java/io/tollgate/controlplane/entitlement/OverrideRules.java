package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.RateLimit;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which overrides make sense for a tenant: others would be stored and do nothing. */
final class OverrideRules {
  private final EntitlementDirectory directory;

  OverrideRules(EntitlementDirectory directory) {
    this.directory = directory;
  }

  /**
   * Refuses what would have no effect.
   *
   * @throws Problem 404 if there is no such tenant, 422 naming the field
   */
  void check(Transaction tx, EntitlementOverride override) {
    Entitlements document =
        directory
            .find(tx, override.tenant())
            .orElseThrow(() -> Problem.notFound("tenant", override.tenant()));
    Instant now = directory.parts().clocks().now(tx, override.tenant());
    Instant expiresAt = override.expiresAt();
    if (expiresAt != null && !expiresAt.isAfter(now)) {
      throw Problem.invalid("expiresAt", "an instant after " + now + " is expected");
    }
    switch (override.value()) {
      case EntitlementOverride.Value.OfFeature feature -> feature(tx, override.tenant(), feature);
      case EntitlementOverride.Value.OfLimit limit -> limit(tx, document, limit);
    }
  }

  private void feature(
      Transaction tx, String tenant, EntitlementOverride.Value.OfFeature override) {
    Map<String, Feature> known = features(tx, tenant);
    Feature feature = known.get(override.key());
    if (feature == null) {
      throw Problem.invalid("key", "one of the catalog's features is expected: " + known.keySet());
    }
    if (override.limit() != null && feature.kind() != Feature.Kind.LIMITED) {
      throw Problem.invalid("limit", "'" + feature.key() + "' is not counted");
    }
    List<String> levels = feature.levels();
    boolean leveled = override.enabled() && feature.kind() == Feature.Kind.LEVELED;
    if (leveled ? !levels.contains(override.level()) : override.level() != null) {
      throw Problem.invalid(
          "level",
          leveled ? "one of " + levels + " is expected" : "'" + feature.key() + "' has no levels");
    }
  }

  private void limit(
      Transaction tx, Entitlements document, EntitlementOverride.Value.OfLimit override) {
    Entitlements of = document;
    if (!limits(of).contains(override.key())) {
      // A subscription so new that its event is still on its way.
      directory.refresh(tx, List.of(document.tenant()));
      of = directory.find(tx, document.tenant()).orElse(document);
    }
    if (!limits(of).contains(override.key())) {
      throw Problem.invalid("key", "one of the tenant's limits is expected: " + limits(of));
    }
    boolean isQuota = of.quotas().stream().anyMatch(quota -> quota.name().equals(override.key()));
    if (!isQuota && override.amount() != null && override.amount() < 1) {
      throw Problem.invalid("amount", "at least 1 is expected: only a quota may be 0");
    }
    if (override.burst() != null) {
      burst(tx, of, override.key(), override.burst());
    }
  }

  /** As the catalog does: a bucket smaller than a single call would refuse it for ever. */
  private void burst(Transaction tx, Entitlements of, String key, long burst) {
    RateLimit rate =
        of.rates().stream()
            .filter(candidate -> candidate.name().equals(key))
            .findFirst()
            .orElseThrow(
                () -> Problem.invalid("burst", "only a rate has a burst; give an amount instead"));
    for (Catalog catalog : catalogs(tx, of.tenant())) {
      Meter meter = catalog.meters().get(rate.meter());
      if (meter != null && burst < meter.greatestCost()) {
        throw Problem.invalid(
            "burst",
            "a burst of %d never lets a call of %d %ss pass; make it at least %d"
                .formatted(burst, meter.greatestCost(), meter.unit(), meter.greatestCost()));
      }
    }
  }

  private Map<String, Feature> features(Transaction tx, String tenant) {
    Map<String, Feature> known = new TreeMap<>();
    catalogs(tx, tenant).forEach(catalog -> known.putAll(catalog.features()));
    return known;
  }

  private List<Catalog> catalogs(Transaction tx, String tenant) {
    List<Catalog> catalogs = new ArrayList<>();
    for (Subscription subscription : directory.parts().subscriptions().of(tx, tenant)) {
      catalogs.add(
          directory
              .parts()
              .catalogs()
              .version(tx, subscription.catalog(), subscription.version())
              .catalog());
    }
    return catalogs;
  }

  private static Set<String> limits(Entitlements document) {
    Set<String> known = new TreeSet<>();
    document.rates().forEach(rate -> known.add(rate.name()));
    document.quotas().forEach(quota -> known.add(quota.name()));
    document.concurrencies().forEach(concurrency -> known.add(concurrency.name()));
    return known;
  }
}
