package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.LimitOrigin.Effect;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.FeatureValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's features while they are put together: the most generous of plans and add-ons, then
 * overrides, which may also take away. Not thread-safe.
 */
final class Features {
  private record Entry(FeatureValue value, String origin, List<FeatureGrant.Step> steps) {
    static Entry first(FeatureValue value, String origin, Effect effect, @Nullable Long by) {
      return new Entry(value, origin, List.of(step(value, origin, effect, by)));
    }

    /** What has the last say from now on. */
    Entry then(Entry next) {
      return new Entry(next.value(), next.origin(), all(next.steps()));
    }

    /** What had a say, and gave no more than was there. */
    Entry over(String less) {
      return new Entry(value, origin, all(List.of(step(value, less, Effect.KEEP, null))));
    }

    private List<FeatureGrant.Step> all(List<FeatureGrant.Step> more) {
      return Stream.concat(steps.stream(), more.stream()).toList();
    }

    private static FeatureGrant.Step step(
        FeatureValue after, String origin, Effect effect, @Nullable Long by) {
      return new FeatureGrant.Step(
          origin, effect, by, after.enabled(), after.limit(), after.level());
    }
  }

  private final Map<String, Entry> entries = new TreeMap<>();

  /** Grants a feature; what was there before stays where it gives more. */
  void grant(@Nullable Feature feature, String key, FeatureValue value, String origin) {
    List<String> levels = feature == null ? List.of() : feature.levels();
    entries.merge(
        key,
        Entry.first(value, origin, Effect.SET, value.limit()),
        (old, added) ->
            isMore(added.value(), old.value(), levels) ? old.then(added) : old.over(origin));
  }

  /** Adds units to a counted feature, granting it where it was off. */
  void plus(String key, long units, String origin) {
    Entry old = entries.get(key);
    FeatureValue before = old == null ? FeatureValue.OFF : old.value();
    Entry added = Entry.first(before.plus(units), origin, Effect.ADD, units);
    entries.put(key, old == null ? added : old.then(added));
  }

  void override(EntitlementOverride.Value.OfFeature value, String origin) {
    FeatureValue after = new FeatureValue(value.enabled(), value.limit(), value.level());
    entries.merge(value.key(), Entry.first(after, origin, Effect.SET, value.limit()), Entry::then);
  }

  List<FeatureGrant> grants() {
    return entries.entrySet().stream().map(each -> grant(each.getKey(), each.getValue())).toList();
  }

  private static FeatureGrant grant(String key, Entry entry) {
    return entry.value().grant(key, entry.steps(), entry.origin());
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
