package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Cycle;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change that waits for an instant, usually the period's end.
 *
 * @param id {@code chg_...}
 * @param at when it takes effect
 * @param version the catalog version it was agreed under
 * @param change what it does
 */
public record ScheduledChange(String id, Instant at, int version, Change change) {
  /** What a subscriber can change, or have happen later. */
  public sealed interface Change {
    /** Another plan, or another number of its units, or another cycle, or several of these. */
    record ToPlan(String plan, int quantity, Cycle cycle, @Nullable BigDecimal agreed)
        implements Change {}

    /** The same under another version of the catalog. */
    record ToVersion() implements Change {}

    /** So many units of an add-on in all; 0 removes it. */
    record ToAddOn(String addOn, int quantity) implements Change {}

    /**
     * A pause, which is a step of its own: inside a period, or at its end before the next begins.
     *
     * @param resumesAt when it resumes by itself; null for when it is told to
     */
    record ToPause(@Nullable Instant resumesAt) implements Change {}
  }

  /**
   * The same where a period's end moves: what waits for it waits for the moved one; what waits
   * longer, and a pause before it, for its day.
   */
  ScheduledChange movedWith(Instant from, Instant to) {
    boolean moves =
        switch (change) {
          case Change.ToPause pause -> at.equals(from);
          case Change.ToPlan plan -> !at.isAfter(from);
          case Change.ToVersion version -> !at.isAfter(from);
          case Change.ToAddOn addOn -> !at.isAfter(from);
        };
    return moves ? new ScheduledChange(id, to, version, change) : this;
  }
}
