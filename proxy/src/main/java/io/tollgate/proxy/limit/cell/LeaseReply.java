package io.tollgate.proxy.limit.cell;

import java.util.List;
import java.util.Objects;

/**
 * A cell's answer to a {@link LeaseRequest}. All times are durations: clocks are never compared.
 *
 * @param sequence the request's
 * @param grants a line per item, in the request's order; empty when the request was overtaken by a
 *     later one of the same incarnation
 */
public record LeaseReply(long sequence, List<Grant> grants) {
  public LeaseReply {
    grants = List.copyOf(grants);
  }

  /**
   * Units of a window that is over which were paid ahead and nobody was granted.
   *
   * @param windowStart the window's start
   * @param units how many; 0 for none
   */
  public record Leftover(long windowStart, long units) {
    /** Nothing. */
    public static final Leftover NONE = new Leftover(CounterState.NO_WINDOW, 0);
  }

  /**
   * One counter's line.
   *
   * @param granted units leased now
   * @param refused whether the calls that waited cannot all be served from what is left
   * @param over whether the grant is beyond the limit, by its policy
   * @param remaining units left in the cell within the limit
   * @param elsewhere units other nodes hold
   * @param windowStart the window the lease belongs to
   * @param ttlMillis how long the lease is good for, counted from the request's sending
   * @param resetMillis until the window ends or the bucket is full; -1 for never
   * @param retryMillis where refused, until asking again is worth it
   * @param blockOrder an order for a block that the asker shall place with the root; empty for none
   * @param blockUnits the order's size; below zero for units to give back to the root
   * @param blockAwaited whether units are on order, or the cell does not know yet what nodes hold,
   *     so that a refusal is not final
   * @param alerts percentages that were passed in the window and that the control plane does not
   *     have yet, as far as known; {@link CellAlerts#OVER} for the passing itself
   * @param used units used in the window, for the alerts
   * @param amount the limit's size, for the alerts
   * @param leftover what goes back to the root of a window that is over
   * @param warnedHour where a rate was passed, by its policy: the start of the hour by the owner's
   *     clock, epoch milliseconds, since a rate has no window to tell of it once; {@link
   *     CounterState#NO_WINDOW} where none was
   */
  public record Grant(
      long granted,
      boolean refused,
      boolean over,
      long remaining,
      long elsewhere,
      long windowStart,
      long ttlMillis,
      long resetMillis,
      long retryMillis,
      String blockOrder,
      long blockUnits,
      boolean blockAwaited,
      List<Integer> alerts,
      long used,
      long amount,
      Leftover leftover,
      long warnedHour) {
    public Grant {
      Objects.requireNonNull(blockOrder, "blockOrder");
      alerts = List.copyOf(alerts);
    }
  }
}
