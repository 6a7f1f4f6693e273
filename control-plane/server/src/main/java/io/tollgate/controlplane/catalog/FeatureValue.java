package io.tollgate.controlplane.catalog;

import io.tollgate.contract.FeatureGrant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a plan or add-on says about a feature.
 *
 * @param enabled whether it is there at all
 * @param limit how much of it, for a counted feature; null for no bound
 * @param level which tier of it, for a leveled feature; null otherwise
 */
public record FeatureValue(boolean enabled, @Nullable Long limit, @Nullable String level) {
  /** Not there. */
  public static final FeatureValue OFF = new FeatureValue(false, null, null);

  /** There, without bound or level. */
  public static final FeatureValue ON = new FeatureValue(true, null, null);

  public FeatureValue {
    if (limit != null && limit < 0) {
      throw new IllegalArgumentException("limit: at least 0, not " + limit);
    }
  }

  /** So many of a counted feature; 0 is off. */
  public static FeatureValue upTo(long limit) {
    return new FeatureValue(limit > 0, limit, null);
  }

  /** One level of a leveled feature. */
  public static FeatureValue level(String level) {
    return new FeatureValue(true, null, level);
  }

  /** The value with {@code units} more of a counted feature; unlimited stays unlimited. */
  public FeatureValue plus(long units) {
    return enabled && limit == null
        ? this
        : new FeatureValue(true, Math.addExact(limit == null ? 0 : limit, units), level);
  }

  /** As the proxy gets it: who had a say in it, the last of them last. */
  public FeatureGrant grant(String feature, List<FeatureGrant.Step> steps, String origin) {
    return new FeatureGrant(feature, enabled, limit, level, origin, steps);
  }
}
