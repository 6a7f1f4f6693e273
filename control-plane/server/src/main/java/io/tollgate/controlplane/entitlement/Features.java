package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.FeatureGrant;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.FeatureValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's features while they are put together: the most generous of plans and add-ons, then
 * overrides, which may also take away. Not thread-safe.
 */
final class Features {
  private record Entry(FeatureValue value, String origin) {}

  private final Map<String, Entry> entries = new TreeMap<>();

  /** Grants a feature; what was there before stays where it gives more. */
  void grant(@Nullable Feature feature, String key, FeatureValue value, String origin) {
    List<String> levels = feature == null ? List.of() : feature.levels();
    entries.merge(
        key,
        new Entry(value, origin),
        (old, added) -> isMore(added.value(), old.value(), levels) ? added : old);
  }

  /** Adds units to a counted feature, granting it where it was off. */
  void plus(String key, long units, String origin) {
    Entry old = entries.getOrDefault(key, new Entry(FeatureValue.OFF, origin));
    entries.put(key, new Entry(old.value().plus(units), origin));
  }

  void override(EntitlementOverride.Value.OfFeature value, String origin) {
    entries.put(
        value.key(),
        new Entry(new FeatureValue(value.enabled(), value.limit(), value.level()), origin));
  }

  List<FeatureGrant> grants() {
    return entries.entrySet().stream()
        .map(entry -> entry.getValue().value().grant(entry.getKey(), entry.getValue().origin()))
        .toList();
  }

  private static boolean isMore(FeatureValue added, FeatureValue old, List<String> levels) {
    if (added.enabled() != old.enabled()) {
      return added.enabled();
    }
    if (!Objects.equals(added.level(), old.level())) {
      return levels.indexOf(added.level()) > levels.indexOf(old.level());
    }
    if (added.limit() == null || old.limit() == null) {
      return added.limit() == null && old.limit() != null;
    }
    return added.limit() > old.limit();
  }
}
