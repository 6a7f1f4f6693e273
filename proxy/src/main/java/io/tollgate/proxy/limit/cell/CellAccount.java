package io.tollgate.proxy.limit.cell;

import java.util.List;

/**
 * The books of one counter's cell in its present window. {@code granted = settled + returned +
 * forfeited + outstanding}, always; {@code granted - returned} never passes a hard limit.
 *
 * @param limit the limit's name
 * @param counter the scope's counter; empty for the tenant
 * @param kind the kind of limit
 * @param windowStart the window's start, epoch milliseconds; {@link Long#MIN_VALUE} for none
 * @param size the limit
 * @param granted units leased to nodes
 * @param settled units spent
 * @param returned units given back
 * @param forfeited units of leases that ran out unreported, taken for spent
 * @param outstanding units nodes may still spend
 * @param blocks units the quota's root granted, where there is one
 * @param blocksElsewhere units of the window it granted to others: other clusters, or this one
 *     before it was lost
 * @param firstPassedAt when the limit was first passed in the window, epoch milliseconds; {@link
 *     Long#MAX_VALUE} for not yet
 */
public record CellAccount(
    String limit,
    String counter,
    Kind kind,
    long windowStart,
    long size,
    long granted,
    long settled,
    long returned,
    long forfeited,
    long outstanding,
    long blocks,
    long blocksElsewhere,
    long firstPassedAt) {
  /** The books of a tenant's cells. */
  public static List<CellAccount> of(TenantState state) {
    return state.counters().stream().map(CellAccount::of).toList();
  }

  /** The books of one cell. */
  public static CellAccount of(CounterState state) {
    // What incarnations long gone used is known as a sum: granted, and settled or forfeited.
    long granted = state.base();
    long settled = state.base();
    long returned = 0;
    long forfeited = 0;
    long outstanding = 0;
    for (Holding holding : state.holdings()) {
      granted += holding.granted();
      settled += holding.settled();
      returned += holding.returned();
      forfeited += holding.forfeited();
      outstanding += holding.outstanding();
    }
    return new CellAccount(
        state.definition().limit(),
        state.counter(),
        state.definition().kind(),
        state.windowStart(),
        state.definition().size(),
        granted,
        settled,
        returned,
        forfeited,
        outstanding,
        state.blocks(),
        state.blocksElsewhere(),
        state.firstPassedAt());
  }
}
