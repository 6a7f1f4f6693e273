package io.tollgate.contract;

import io.tollgate.contract.OverLimit.Behavior;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a limit came to be what it is: each plan, add-on and override that had a say in it, in the
 * order in which they were applied. The last step's numbers are the limit's.
 *
 * @param limit the limit's name
 * @param steps at least one
 */
public record LimitOrigin(String limit, List<Step> steps) {
  public LimitOrigin {
    Objects.requireNonNull(limit, "limit");
    steps = List.copyOf(steps);
  }

  /** What a step did to the amount. */
  public enum Effect {
    /** Set it. */
    SET,
    /** Added to it. */
    ADD,
    /** Multiplied it. */
    MULTIPLY,
    /** Left it. */
    KEEP
  }

  /**
   * One say.
   *
   * @param origin {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
   * @param effect what it did to the amount
   * @param by the units set or added, or the factor; 0 for {@link Effect#KEEP}
   * @param amount the amount after it: units, or permits
   * @param burst a rate's burst after it; null for other limits
   * @param behavior what it says about use past the limit; null where it says nothing
   */
  public record Step(
      String origin,
      Effect effect,
      long by,
      long amount,
      @Nullable Long burst,
      @Nullable Behavior behavior) {
    public Step {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(effect, "effect");
    }
  }
}
