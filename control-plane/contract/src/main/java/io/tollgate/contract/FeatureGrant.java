package io.tollgate.contract;

import io.tollgate.contract.LimitOrigin.Effect;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One feature of a plan, as one tenant has it.
 *
 * @param feature the feature's key
 * @param enabled whether calls that need it pass
 * @param limit how much of it, where the feature is a counted one; null for no bound
 * @param level the tier of it, where the feature has levels ("basic", "advanced"); null for none
 * @param origin who had the last say: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
 * @param steps each plan, add-on and override that had a say in it, in the order in which they were
 *     applied; empty in documents of before they told
 */
public record FeatureGrant(
    String feature,
    boolean enabled,
    @Nullable Long limit,
    @Nullable String level,
    String origin,
    List<Step> steps) {
  /** A feature that does not tell how it came to be what it is but by its origin. */
  public FeatureGrant(
      String feature,
      boolean enabled,
      @Nullable Long limit,
      @Nullable String level,
      String origin) {
    this(feature, enabled, limit, level, origin, List.of());
  }

  public FeatureGrant {
    Objects.requireNonNull(feature, "feature");
    Objects.requireNonNull(origin, "origin");
    if (limit != null && limit < 0) {
      throw new IllegalArgumentException("limit: " + limit + " is negative");
    }
    steps = List.copyOf(Objects.requireNonNullElse(steps, List.of()));
  }

  /**
   * One say.
   *
   * @param origin {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
   * @param effect what it did: {@link Effect#KEEP} where it gave no more than was there
   * @param by units it set or added, where the feature is a counted one; null for none
   * @param enabled whether the feature was there after it
   * @param limit how much of it was there after it; null for no bound
   * @param level the tier after it; null for none
   */
  public record Step(
      String origin,
      Effect effect,
      @Nullable Long by,
      boolean enabled,
      @Nullable Long limit,
      @Nullable String level) {
    public Step {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(effect, "effect");
    }
  }
}
