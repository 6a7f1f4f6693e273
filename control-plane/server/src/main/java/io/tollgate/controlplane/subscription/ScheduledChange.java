package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Cycle;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
     * @param withThePeriod whether it was asked for at the period's end, wherever that moves
     */
    record ToPause(@Nullable Instant resumesAt, boolean withThePeriod) implements Change {}
  }

  public ScheduledChange {
    if (change instanceof Change.ToPause pause
        && pause.resumesAt() != null
        && !pause.resumesAt().isAfter(at)) {
      throw new IllegalArgumentException("a pause from " + at + " is over at " + pause.resumesAt());
    }
  }

  /**
   * What waits where a period's end moves: what waits for it waits for the moved one; what waits
   * longer, and a pause at a date, for its day. A pause that would be over by then waits no more.
   */
  static List<ScheduledChange> moved(List<ScheduledChange> waiting, Instant from, Instant to) {
    List<ScheduledChange> moved = new ArrayList<>();
    for (ScheduledChange one : waiting) {
      boolean moves =
          switch (one.change) {
            case Change.ToPause pause -> pause.withThePeriod();
            case Change.ToPlan plan -> !one.at.isAfter(from);
            case Change.ToVersion version -> !one.at.isAfter(from);
            case Change.ToAddOn addOn -> !one.at.isAfter(from);
          };
      boolean over =
          moves
              && one.change instanceof Change.ToPause pause
              && pause.resumesAt() != null
              && !pause.resumesAt().isAfter(to);
      if (!over) {
        moved.add(moves ? new ScheduledChange(one.id, to, one.version, one.change) : one);
      }
    }
    return moved;
  }
}
