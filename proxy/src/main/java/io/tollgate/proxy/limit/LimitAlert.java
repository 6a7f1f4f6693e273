package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.CellAlerts;
import io.tollgate.proxy.limit.cell.CounterState;

/**
 * A tenant's use passed one of a quota's alert percentages, or the quota itself, or a rate that
 * warns, of which each hour is told by itself. Announced, perhaps by several nodes, until {@link
 * LeasedLimits#known} says that the control plane has it; which makes one event of it for each
 * window. What was passed once in a window stays passed, also where the limit is raised.
 *
 * @param tenant whose use
 * @param limit the limit's name
 * @param counter the scope's counter; empty for the tenant
 * @param percent the percentage that was passed; {@link #OVER} when the first call was admitted
 *     beyond the limit, by its policy
 * @param used units used in the window
 * @param amount the limit's size in units
 * @param windowStartMillis start of the window, or of the hour of a rate, epoch milliseconds;
 *     {@link #NO_WINDOW} for a lifetime quota
 */
public record LimitAlert(
    String tenant,
    String limit,
    String counter,
    int percent,
    long used,
    long amount,
    long windowStartMillis) {
  /** {@link #percent} of the first call beyond the limit. */
  public static final int OVER = CellAlerts.OVER;

  /** {@link #windowStartMillis} of a lifetime quota. */
  public static final long NO_WINDOW = CounterState.NO_WINDOW;
}
