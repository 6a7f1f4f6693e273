package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.Bucket;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LimitDefinition;

/** This node's share of a rate, spent while the cluster is away. Guarded by the tenant's escrow. */
final class FairShare {
  private final Bucket bucket;

  /** The share of one of so many nodes, full. */
  FairShare(LimitDefinition whole, int nodes, long now) {
    this.bucket = Bucket.full(of(whole, nodes), now / 1_000_000);
  }

  /** Takes the units if they are there. */
  boolean take(long units, long now) {
    bucket.refill(now / 1_000_000, 0);
    if (bucket.units() < units) {
      return false;
    }
    bucket.take(units);
    return true;
  }

  private static LimitDefinition of(LimitDefinition whole, int nodes) {
    return new LimitDefinition(
        whole.limit(),
        Kind.RATE,
        Math.max(1, whole.amount() / nodes),
        Math.max(1, whole.burst() / nodes),
        whole.perMillis(),
        null,
        LimitDefinition.LIVE,
        false,
        0,
        0,
        whole.alertPercents(),
        0,
        false,
        false);
  }
}
