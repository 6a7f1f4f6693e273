package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.limit.LimitStore.CounterName;
import org.jspecify.annotations.Nullable;

/**
 * One counter as this node knows it: its lease, what it owes the cell, and how fresh a refusal is.
 * The lease is spent without a lock; everything else is guarded by the tenant's escrow, whose
 * monitor this class takes where it is not held already.
 */
final class Counter {
  private static final long BLOCK_NANOS = 10_000_000L;
  private static final long BLOCK_LONGEST_NANOS = 160_000_000L;
  private static final long PROBE_NANOS = 500_000_000L;

  private final Object monitor;
  final CounterName name;

  private volatile Lease lease = Lease.none();
  private volatile boolean refused;
  private volatile long refusedUntil;
  private volatile long refusedFrom;
  private volatile long remaining;
  private volatile long resetAt = -1;

  private LimitDefinition definition;
  private long window = CounterCell.NO_WINDOW;
  private long toReturn;
  private long debt;
  private long permits;
  private long stock;

  /** What the cell takes for unspent here. */
  private long unspentAtCell;

  private long lastGranted;
  private long askedAt;
  private long elsewhere;
  private long recallAfter;
  private long seen = -1;
  private boolean awaitsBlock;
  private boolean rootSilent;
  private long probeAt;
  private long askAgainAt;
  private long askAgainAfter;
  private @Nullable QuotaBlockRequest unplaced;
  private String blockOrder = "";
  private long blockUnits;
  private @Nullable Bucket fairShare;
  private long grantedInAll;

  /** Whether a low lease was asked about in vain: it is not asked about again. */
  private boolean fruitless;

  // Kept by the escrow: the sums over the calls that wait, and whether the sweep found news.
  long need;
  long least;
  boolean isDue;

  Counter(Object monitor, CounterName name, LimitDefinition definition, long now) {
    this.monitor = monitor;
    this.name = name;
    this.definition = definition;
    this.askedAt = now;
    this.recallAfter = now;
  }

  Lease lease() {
    return lease;
  }

  /** Whether asking for so many units is known to be in vain for now. */
  boolean refuses(long units, long now) {
    return refused && units >= refusedFrom && refusedUntil - now > 0;
  }

  long remaining() {
    return remaining;
  }

  long resetAt() {
    return resetAt;
  }

  LimitDefinition definition() {
    return definition;
  }

  /** Whether the cell would have more to give if the quota's root had granted it already. */
  boolean awaitsBlock() {
    return awaitsBlock;
  }

  /** While the cell waits for a block it is asked again a little later each time. */
  private void learnOfBlocks(boolean awaits, long now) {
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
    rootIsSilent(now);
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

  /** A call waited in vain for a block: what is left of the quota is not known for now. */
  void rootIsSilent(long now) {
    rootSilent = true;
    probeAt = now + PROBE_NANOS;
  }

  /**
   * Whether waiting for the quota's root is known to be in vain. Now and then a call is let through
   * to find out whether it still is.
   */
  boolean isRootSilent(long now) {
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

  /** Units come back for a lease that is closed: to its successor, else to the cell. */
  void returnLate(long windowStart, long units) {
    Lease present = lease;
    if (present.windowStart == windowStart && present.giveBack(units)) {
      return;
    }
    synchronized (monitor) {
      if (windowStart == window && !(lease.windowStart == windowStart && lease.giveBack(units))) {
        toReturn += units;
      }
    }
  }

  /** Units were used without a lease. */
  void owe(long units) {
    synchronized (monitor) {
      debt += units;
    }
  }

  /** Takes up a definition: a lease under another one goes back. */
  void redefine(LimitDefinition next) {
    if (!next.equals(definition)) {
      definition = next;
      refused = false;
      fairShare = null;
      closeLease();
    }
  }

  void closeLease() {
    toReturn += lease.close();
  }

  void deliver(String order, long units, long now) {
    blockOrder = order;
    blockUnits = units;
    rootSilent = false;
    unplaced = null;
    askAgainAt = now;
  }

  /** Whether the cell should hear from this counter although no call waits. */
  boolean hasNews(long now) {
    Lease present = lease;
    boolean low = !fruitless && present.lowWater > 0 && present.available() < present.lowWater;
    return toReturn > 0 || debt > 0 || !blockOrder.isEmpty() || (low && present.holdsAt(now));
  }

  /** Whether anything of this counter is still out or waiting to be said. */
  boolean isIdle() {
    return !lease.isOpen() && toReturn == 0 && debt == 0 && permits == 0 && blockOrder.isEmpty();
  }

  /**
   * A look from time to time: leases that ran out or that nobody spends go back; permits in use are
   * renewed; spent units are reported.
   *
   * @return whether the cell should hear of it
   */
  boolean sweep(long now, long idleNanos) {
    Lease present = lease;
    long available = present.available();
    boolean quiet = available == seen && now - askedAt > idleNanos;
    seen = available;
    if (present.isOpen() && (!present.holdsAt(now) || quiet)) {
      toReturn += present.close();
    }
    if (definition.kind() == Kind.CONCURRENCY) {
      boolean renew = permits > toReturn && now - askedAt > definition.ttlMillis() * 1_000_000L / 3;
      return renew || toReturn > 0;
    }
    boolean unreported =
        definition.kind() == Kind.QUOTA && unspentAtCell > available && now - askedAt > idleNanos;
    return toReturn > 0 || debt > 0 || unreported;
  }

  /** This counter's line in the next request. */
  LeaseRequest.Item report(long now, long leaseForMillis) {
    long available = definition.kind() == Kind.RATE ? lease.report() : lease.available();
    long want = Math.max(need, demand(available, now, leaseForMillis));
    if (lease.isOpen() && !lease.holdsAt(now)) {
      closeLease();
      available = 0;
    }
    boolean countsPermits = definition.kind() == Kind.CONCURRENCY;
    if (countsPermits) {
      permits -= toReturn;
    }
    LeaseRequest.Item item =
        new LeaseRequest.Item(
            definition,
            name.counter(),
            window,
            countsPermits ? permits : available,
            toReturn,
            debt,
            need,
            need == 0 ? 0 : least,
            want,
            blockOrder,
            blockUnits);
    toReturn = 0;
    debt = 0;
    blockOrder = "";
    blockUnits = 0;
    askedAt = now;
    stock = available;
    unspentAtCell = available;
    return item;
  }

  /** What this node will use in the time a lease shall last; grows at most fourfold at a time. */
  private long demand(long available, long now, long leaseForMillis) {
    if (definition.kind() == Kind.CONCURRENCY) {
      return need == 0 ? 0 : need + permits / 4;
    }
    if (lastGranted == 0) {
      // Nothing is known of how much is used here.
      return need;
    }
    long spent = Math.max(0, stock - available) + need;
    long elapsed = Math.max(1, (now - askedAt) / 1_000_000);
    long most = Math.min(spent, LimitDefinition.MOST / leaseForMillis) * leaseForMillis / elapsed;
    return Math.min(most, 4 * Math.max(lastGranted, Math.max(need, 1)));
  }

  /** The cell's answer. */
  void install(LeaseReply.Grant grant, LeaseRequest.Item item, long sentAt, long now) {
    if (grant.windowStart() != window) {
      // Another window began; what is left of the old one means nothing in it.
      window = grant.windowStart();
      lease.close();
      toReturn = 0;
    }
    if (definition.kind() == Kind.CONCURRENCY) {
      permits += grant.granted();
    }
    remaining = grant.remaining();
    elsewhere = grant.elsewhere();
    if (item.need() > 0 || grant.granted() > 0) {
      learnOfBlocks(grant.refused() && grant.blockAwaited(), now);
    }
    grantedInAll += grant.granted();
    unspentAtCell =
        item.held()
            + grant.granted()
            - (definition.kind() == Kind.QUOTA ? Math.min(grant.granted(), item.need()) : 0);
    boolean waits = grant.refused() && definition.kind() == Kind.RATE;
    long resetMillis = waits ? grant.retryMillis() : grant.resetMillis();
    resetAt = resetMillis < 0 ? -1 : now + nanos(resetMillis);
    refuse(grant, item, now);
    fruitless = grant.granted() == 0;
    if (grant.granted() > 0 || definition.kind() == Kind.CONCURRENCY) {
      long units = lease.close() + grant.granted();
      long expiresAt = sentAt + nanos(grant.ttlMillis()) / 8 * 7;
      stock = units;
      lastGranted = grant.granted();
      lease = new Lease(units, expiresAt, units < 12 ? 0 : units / 6, window, grant.over());
    }
  }

  private void refuse(LeaseReply.Grant grant, LeaseRequest.Item item, long now) {
    boolean inVain = grant.refused() && !grant.blockAwaited();
    if (inVain) {
      refusedUntil = now + nanos(grant.retryMillis());
      refusedFrom = grant.granted() == 0 ? Math.max(1, item.least()) : 1;
    }
    refused = inVain;
  }

  /**
   * Whether other nodes hold units that would serve these calls, and it is time to ask for them.
   */
  boolean mayRecall(long now) {
    return refused && elsewhere > 0 && refusedUntil - now >= 45_000_000L && now - recallAfter >= 0;
  }

  /** A recall is under way: the refusal is open again, and the next recall is not soon. */
  void recalling(long now) {
    refused = false;
    recallAfter = now + 100_000_000L;
  }

  /** Takes from this node's share of a rate, for while the cluster is away. */
  boolean takeFairShare(long units, int nodes, long now) {
    if (definition.kind() != Kind.RATE) {
      return false;
    }
    Bucket bucket = fairShare;
    if (bucket == null) {
      bucket = Bucket.full(shareOf(definition, nodes), now / 1_000_000);
      fairShare = bucket;
    }
    bucket.refill(now / 1_000_000, 0);
    if (bucket.units() < units) {
      return false;
    }
    bucket.take(units);
    return true;
  }

  long grantedInAll() {
    return grantedInAll;
  }

  private static LimitDefinition shareOf(LimitDefinition whole, int nodes) {
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
        false);
  }

  private static long nanos(long millis) {
    return Math.min(millis, Long.MAX_VALUE / 4_000_000) * 1_000_000;
  }
}
