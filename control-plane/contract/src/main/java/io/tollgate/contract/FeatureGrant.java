package io.tollgate.contract;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One feature of a plan, as one tenant has it.
 *
 * @param feature the feature's key
 * @param enabled whether calls that need it pass
 * @param limit how much of it, where the feature is a counted one; null for no bound
 * @param level the tier of it, where the feature has levels ("basic", "advanced"); null for none
 * @param origin what it comes from: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
 */
public record FeatureGrant(
    String feature, boolean enabled, @Nullable Long limit, @Nullable String level, String origin) {
  public FeatureGrant {
    Objects.requireNonNull(feature, "feature");
    Objects.requireNonNull(origin, "origin");
    if (limit != null && limit < 0) {
      throw new IllegalArgumentException("limit: " + limit + " is negative");
    }
  }
}
