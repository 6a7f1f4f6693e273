package io.tollgate.proxy.limit.cell;

import java.util.List;
import java.util.Objects;

/**
 * A counter's cell at rest, as it is replicated, migrated and merged.
 *
 * @param definition the limit, of the greatest version seen
 * @param version that version
 * @param counter the scope's counter; empty for the tenant
 * @param windowStart the present window's start, epoch milliseconds; {@link Long#MIN_VALUE} where
 *     there are no windows
 * @param windowEnd its end; {@link Long#MAX_VALUE} for never
 * @param level rate: tokens times {@code perMillis}, so that refill is exact in integers
 * @param refilledAt rate: up to when refill is counted
 * @param base units used by incarnations that are no longer listed
 * @param firstPassedAt when the limit was first passed in this window; {@link Long#MAX_VALUE} for
 *     not yet
 * @param alerts what was to be announced in this window
 * @param blocks rooted quota: units the root granted for this window
 * @param blocksElsewhere rooted quota: units the root granted to others, as far as known
 * @param poolOwner rooted quota: the member that may hand the blocks out
 * @param order rooted quota: the order under way; empty for none
 * @param orderUnits its size
 * @param orderDueAt when it is placed again, or, with no order under way, when the root is asked
 *     again
 * @param holdings what nodes were granted
 */
public record CounterState(
    LimitDefinition definition,
    long version,
    String counter,
    long windowStart,
    long windowEnd,
    long level,
    long refilledAt,
    long base,
    long firstPassedAt,
    CellAlerts alerts,
    long blocks,
    long blocksElsewhere,
    String poolOwner,
    String order,
    long orderUnits,
    long orderDueAt,
    List<Holding> holdings) {
  /** {@link #windowStart} where there are no windows. */
  public static final long NO_WINDOW = Long.MIN_VALUE;

  public CounterState {
    Objects.requireNonNull(definition, "definition");
    Objects.requireNonNull(counter, "counter");
    Objects.requireNonNull(alerts, "alerts");
    Objects.requireNonNull(poolOwner, "poolOwner");
    Objects.requireNonNull(order, "order");
    holdings = List.copyOf(holdings);
  }
}
