package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import org.jspecify.annotations.Nullable;

/**
 * How a counter stands with the root of its quota: whether the cell waits for a block, when it is
 * worth asking again, and what the root has delivered. Guarded by the tenant's escrow.
 */
final class RootWait {
  private static final long BLOCK_NANOS = 10_000_000L;
  private static final long BLOCK_LONGEST_NANOS = 160_000_000L;
  private static final long PROBE_NANOS = 500_000_000L;

  /** Of a counter whose root nobody waits for. Asked only, but for what changes nothing. */
  static final RootWait NONE = new RootWait();

  private boolean awaitsBlock;
  private boolean rootSilent;
  private long probeAt;
  private long askAgainAt;
  private long askAgainAfter;
  private @Nullable QuotaBlockRequest unplaced;
  private LeaseRequest.Delivery block = LeaseRequest.Delivery.NONE;

  /** Whether the cell would have more to give if the root had granted it already. */
  boolean awaitsBlock() {
    return awaitsBlock;
  }

  /** Units come and go: whoever lacks them is unlucky, the root is not silent. */
  void handedOut() {
    askAgainAfter = 0;
  }

  /** While the cell waits for a block it is asked again a little later each time. */
  void learn(boolean awaits, long now) {
    awaitsBlock = awaits;
    if (awaits) {
      askAgainAfter = Math.min(BLOCK_LONGEST_NANOS, Math.max(BLOCK_NANOS, 2 * askAgainAfter));
      askAgainAt = now + askAgainAfter;
    } else {
      rootSilent = false;
      unplaced = null;
      askAgainAfter = 0;
    }
  }

  /** Whether the cell may be asked for the calls that wait. */
  boolean mayAsk(long now) {
    return !awaitsBlock || askAgainAt - now <= 0;
  }

  /** An order for a block failed; it is placed again with the next probe. */
  void unplaced(QuotaBlockRequest order, long now) {
    unplaced = order;
    silent(now);
  }

  /** The order to place again, if one failed. */
  @Nullable QuotaBlockRequest placeAgain() {
    QuotaBlockRequest order = unplaced;
    if (!awaitsBlock || order == null) {
      return null;
    }
    unplaced = null;
    return order;
  }

  /**
   * A call waited in vain for a block: what is left of the quota is not known for now, unless units
   * were handed out meanwhile.
   *
   * @param since when it began to wait
   * @param handedOutAt when units were handed out last
   */
  void isSilent(long now, long since, long handedOutAt) {
    if (unplaced != null || handedOutAt - since < 0) {
      silent(now);
    }
  }

  private void silent(long now) {
    rootSilent = true;
    probeAt = now + PROBE_NANOS;
  }

  /**
   * Whether waiting for the root is known to be in vain. Now and then a call is let through to find
   * out whether it still is.
   */
  boolean isKnownSilent(long now) {
    if (!rootSilent || !awaitsBlock) {
      return false;
    }
    if (probeAt - now > 0) {
      return true;
    }
    probeAt = now + PROBE_NANOS;
    askAgainAt = now;
    return false;
  }

  void deliver(LeaseRequest.Delivery delivered, long now) {
    block = delivered;
    rootSilent = false;
    unplaced = null;
    askAgainAt = now;
  }

  /** Whether the cell is to hear of a block. */
  boolean hasDelivery() {
    return !block.isNone();
  }

  /** What the cell is to hear; said once. */
  LeaseRequest.Delivery handOver() {
    LeaseRequest.Delivery delivered = block;
    block = LeaseRequest.Delivery.NONE;
    return delivered;
  }
}
