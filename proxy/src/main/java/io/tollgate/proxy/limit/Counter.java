package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.limit.cell.Bucket;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One counter as this node knows it: its lease, what it owes the cell, and how fresh a refusal is.
 * The lease is spent without a lock, where {@link Leases} keeps it; everything else is guarded by
 * the tenant's escrow, whose monitor this class takes where it is not held already.
 */
final class Counter {
  private static final long BLOCK_NANOS = 10_000_000L;
  private static final long BLOCK_LONGEST_NANOS = 160_000_000L;
  private static final long PROBE_NANOS = 500_000_000L;

  /** A recall may follow another after so long; later where they bring nothing. */
  private static final long RECALL_NANOS = 100_000_000L;

  private static final long RECALL_LONGEST_NANOS = 1_600_000_000L;

  /** What is refilled sooner is not worth a recall. */
  private static final long RECALL_WORTH_NANOS = 45_000_000L;

  private final Object monitor;
  final CounterName name;

  /** Where its lease is. */
  final long[] words;

  final int at;
  private volatile boolean refused;
  private volatile long refusedUntil;
  private volatile long refusedFrom;

  private LimitDefinition definition;
  private long window = CounterState.NO_WINDOW;

  /** Units taken under an earlier mark belong to a window that is over. */
  private long windowMark = Long.MIN_VALUE;

  private long toReturn;

  /** Whether somebody waits for what is to return. */
  private boolean isReturnUrgent;

  /** Whether another node waits for what is granted next, but for what calls here wait for. */
  private boolean recalled;

  private long debt;
  private long permits;
  private final Pace pace;

  /** What the cell takes for unspent here. */
  private long unspentAtCell;

  private long lowWater;

  /** How long the lease lives, by the cell. */
  private long leaseNanos;

  private long elsewhere;
  private long recallAfter;
  private long recallPause = RECALL_NANOS;
  private long seen = -1;
  private long lastSpentAt;
  private boolean awaitsBlock;
  private boolean rootSilent;
  private long handedOutAt;
  private long probeAt;
  private long askAgainAt;
  private long askAgainAfter;
  private @Nullable QuotaBlockRequest unplaced;
  private LeaseRequest.Delivery block = LeaseRequest.Delivery.NONE;

  private final NodeAlerts alerts = new NodeAlerts();
  private @Nullable Bucket fairShare;
  private long grantedInAll;

  /** Whether a low lease was asked about in vain: it is not asked about again. */
  private boolean fruitless;

  // Kept by the escrow: whether it counts one key's calls, the sums over the calls that wait, and
  // whether the sweep found news.
  boolean isOfKey;
  long need;
  long least;
  boolean isDue;

  /** Set when the counter is forgotten: calls that still know it look for another one. */
  private boolean forgotten;

  Counter(TenantEscrow escrow, CounterName name, long[] words, int at, LimitDefinition definition) {
    this.monitor = escrow;
    this.name = name;
    this.words = words;
    this.at = at;
    this.definition = definition;
    long now = escrow.now();
    this.pace = new Pace(now);
    this.recallAfter = now;
    this.handedOutAt = now - 1;
    this.lastSpentAt = now;
  }

  /** Units this node may spend without asking. */
  long available() {
    return Leases.available(words, at);
  }

  boolean holdsAt(long now) {
    return Leases.holdsAt(words, at, now);
  }

  /** Whether the lease suffices. */
  boolean covers(long units, long now) {
    return Leases.covers(words, at, units, now);
  }

  /** Whether it suffices for calls it was granted for. Under the monitor. */
  boolean coversGranted(long units, long now) {
    return available() >= units && (window != CounterState.NO_WINDOW || holdsAt(now));
  }

  boolean isLeaseOpen() {
    return Leases.isOpen(words, at);
  }

  /** Nanoseconds until the lease is void; at most 0 when it is, or when there is none. */
  long leaseLeft(long now) {
    return isLeaseOpen() ? Leases.expiresAt(words, at) - now : 0;
  }

  /** Whether the lease's units are beyond the limit, by its policy. */
  boolean isOver() {
    return Leases.isOver(Leases.mark(words, at));
  }

  /** Whether asking for so many units is known to be in vain for now. */
  boolean refuses(long units, long now) {
    return refused && units >= refusedFrom && refusedUntil - now > 0;
  }

  long remaining() {
    return Leases.remaining(words, at);
  }

  long resetAt() {
    return Leases.resetAt(words, at);
  }

  LimitDefinition definition() {
    return definition;
  }

  /** Whether nothing is left here, at the cell or with other nodes, as far as the cell has said. */
  boolean isSpent() {
    return remaining() == 0 && elsewhere == 0 && !awaitsBlock && available() <= 0;
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
    rootIsSilent(now, now);
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
   */
  void rootIsSilent(long now, long since) {
    if (unplaced != null || handedOutAt - since < 0) {
      rootSilent = true;
      probeAt = now + PROBE_NANOS;
    }
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

  /** Takes what there is of so many units, if the lease holds: how many it took. */
  long takeUpTo(long units, long now) {
    return holdsAt(now) ? Leases.takeUpTo(words, at, units) : 0;
  }

  long mark() {
    return Leases.mark(words, at);
  }

  /**
   * Units of a call that ended come back.
   *
   * @param mark the lease's when they were taken
   * @return false when the cell is to hear of them, because the lease is closed
   */
  boolean giveBack(long units, long mark) {
    boolean arePermits = definition.kind() == Kind.CONCURRENCY;
    if (arePermits && Leases.giveBack(words, at, units)) {
      return true;
    }
    synchronized (monitor) {
      return switch (definition.kind()) {
        case RATE -> {
          refundToBucket(units, mark);
          yield true;
        }
        case QUOTA -> mark < windowMark || giveBackNowOrLate(units);
        case CONCURRENCY -> giveBackNowOrLate(units);
      };
    }
  }

  /**
   * A refunded unit comes back to a bucket only while the cell has not heard of the call: from then
   * on it refills for it, and a unit that came back as well would be two for one.
   */
  private void refundToBucket(long units, long mark) {
    if (mark == mark()) {
      var unused = Leases.giveBack(words, at, units);
    }
  }

  private boolean giveBackNowOrLate(long units) {
    if (Leases.giveBack(words, at, units)) {
      return true;
    }
    toReturn += units;
    isReturnUrgent = true;
    return false;
  }

  /** Units taken for a call that could not have all it needed: they were never used. */
  void untake(long units, long mark) {
    synchronized (monitor) {
      boolean back = mark == mark() && Leases.giveBack(words, at, units);
      if (!back && mark >= windowMark) {
        if (definition.kind() == Kind.RATE) {
          toReturn += units;
          isReturnUrgent = true;
        } else {
          var unused = giveBackNowOrLate(units);
        }
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
      giveLeaseBack();
    }
  }

  /** The lease ends and what is left of it goes to the cell, with the next request. */
  void giveLeaseBack() {
    closeLease();
    isReturnUrgent = toReturn > 0;
  }

  /** Another node needs units. */
  void recalled(boolean grantIsOnItsWay) {
    recalled = grantIsOnItsWay;
  }

  /** Nothing is left here; calls that still know this counter look for another one. */
  void forget() {
    closeLease();
    forgotten = true;
  }

  boolean isForgotten() {
    return forgotten;
  }

  /** Whether nobody asked for it for so long, and nothing of it is out. */
  boolean isSilent(long now, long nanos) {
    return isIdle() && pace.silentNanos(now) > nanos && now - lastSpentAt > nanos;
  }

  /** Whether its cell counts something of it here, or has ordered for it. */
  boolean isKnownToItsCell() {
    return unspentAtCell > 0 || debt > 0 || (definition.rooted() && grantedInAll > 0);
  }

  boolean holdsPermits() {
    return permits > 0;
  }

  private void closeLease() {
    toReturn += Leases.close(words, at);
  }

  /** More was asked for because the lease runs low: calls need not ask again. */
  void asked() {
    Leases.asked(words, at);
  }

  void deliver(LeaseRequest.Delivery delivered, long now) {
    block = delivered;
    rootSilent = false;
    unplaced = null;
    askAgainAt = now;
  }

  /** Whether the cell should hear from this counter although no call waits. */
  boolean hasNews(long now) {
    boolean low = !fruitless && lowWater > 0 && available() < lowWater && holdsAt(now);
    return isReturnUrgent || debt > 0 || !block.isNone() || alerts.hasNews() || low;
  }

  /**
   * Whether it should come along when the cell is asked anyway: a lease half spent would soon be
   * asked about by itself.
   */
  boolean comesAlong(long now) {
    boolean low = !fruitless && isLeaseOpen() && pace.isHalfSpent(available()) && holdsAt(now);
    return toReturn > 0 || low;
  }

  /** Whether nothing of this counter is still out or waiting to be said. */
  boolean isIdle() {
    return !isLeaseOpen()
        && toReturn == 0
        && debt == 0
        && permits == 0
        && block.isNone()
        && !alerts.hasNews();
  }

  /**
   * A look from time to time: leases that ran out or that nobody spends are closed; what is left of
   * them goes back some time later, with the next request if there is one; permits in use are
   * renewed; spent units are reported.
   *
   * @param idleNanos silence after which the cell should hear what nobody asks for any more; more
   *     where it gave the lease longer
   * @return whether the cell should hear of it
   */
  boolean sweep(long now, long idleNanos) {
    long available = available();
    long silent = pace.silentNanos(now);
    long patience = patience(idleNanos);
    lastSpentAt = available < seen || available < permits ? now : lastSpentAt;
    // Permits in use are renewed, which says nothing of those that lie beside them.
    boolean quiet =
        definition.kind() == Kind.CONCURRENCY
            ? available > 0 && now - lastSpentAt > idleNanos
            : available == seen && silent > (available == 0 ? idleNanos : patience);
    seen = available;
    if (isLeaseOpen() && (!holdsAt(now) || quiet)) {
      closeLease();
    }
    return switch (definition.kind()) {
      case CONCURRENCY ->
          toReturn > 0 || (permits > 0 && silent > definition.ttlMillis() * 1_000_000L / 3);
      case RATE -> {
        boolean refillsSoon = refillNanos() < idleNanos;
        if (refillsSoon && silent > Math.max(3 * idleNanos, patience)) {
          // The cell took it for spent when the lease ran out, and has refilled for it since.
          toReturn = 0;
        }
        yield debt > 0 || (toReturn > 0 && !refillsSoon && silent > patience);
      }
      case QUOTA -> debt > 0 || (silent > patience && (toReturn > 0 || unspentAtCell > available));
    };
  }

  /** What is left of a lasting lease waits a little for a call to go back with. */
  private long patience(long idleNanos) {
    boolean lasts = definition.kind() != Kind.CONCURRENCY && leaseNanos > idleNanos;
    return lasts ? leaseNanos + leaseNanos / 2 : idleNanos;
  }

  /** How long the bucket takes to refill what is to return. */
  private long refillNanos() {
    return toReturn > LimitDefinition.MOST / definition.perMillis()
        ? Long.MAX_VALUE
        : nanos(toReturn * definition.perMillis() / definition.amount());
  }

  /** This counter's line in the next request. */
  LeaseRequest.Item report(long now, LimitSettings settings) {
    long available = definition.kind() == Kind.RATE ? Leases.report(words, at) : available();
    boolean countsPermits = definition.kind() == Kind.CONCURRENCY;
    Pace.Present present = new Pace.Present(available, isLeaseOpen(), toReturn, need);
    long want = countsPermits ? wantedPermits() : pace.want(present, now, settings);
    long ample = countsPermits ? want : Math.max(want, pace.ample(present, now, settings));
    if (isLeaseOpen() && !holdsAt(now)) {
      closeLease();
      available = 0;
    }
    if (countsPermits) {
      permits -= toReturn;
    } else if (definition.kind() == Kind.QUOTA) {
      // What was used without a lease and came back before the cell heard of it was never used.
      long both = Math.min(debt, toReturn);
      debt -= both;
      toReturn -= both;
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
            ample,
            block,
            alerts.tell());
    toReturn = 0;
    isReturnUrgent = false;
    debt = 0;
    block = LeaseRequest.Delivery.NONE;
    pace.asked(available, now);
    unspentAtCell = available;
    return item;
  }

  private long wantedPermits() {
    return need == 0 ? 0 : need + permits / 4;
  }

  /** The cell's answer. */
  void install(LeaseReply.Grant grant, LeaseRequest.Item item, long sentAt, long now) {
    if (grant.windowStart() != window) {
      // Another window began; what is left of the old one means nothing in it.
      window = grant.windowStart();
      closeLease();
      toReturn = 0;
      isReturnUrgent = false;
      windowMark = mark() + 1;
      alerts.beginWindow();
    }
    if (definition.kind() == Kind.CONCURRENCY) {
      permits += grant.granted();
    }
    if (grant.remaining() != remaining() && grantedInAll + grant.granted() > 0) {
      // Units come and go: whoever lacks them is unlucky, the root is not silent.
      handedOutAt = now;
      askAgainAfter = 0;
    }
    elsewhere = grant.elsewhere();
    if (item.need() > 0 || grant.granted() > 0) {
      learnOfBlocks(grant.refused() && grant.blockAwaited(), now);
    }
    grantedInAll += grant.granted();
    if (grant.granted() > 0) {
      recallPause = RECALL_NANOS;
      recallAfter = definition.kind() == Kind.CONCURRENCY ? now : recallAfter;
    }
    unspentAtCell =
        item.held()
            + grant.granted()
            - (definition.kind() == Kind.QUOTA ? Math.min(grant.granted(), item.need()) : 0);
    boolean waits = grant.refused() && definition.kind() == Kind.RATE;
    long resetMillis = waits ? grant.retryMillis() : grant.resetMillis();
    long resetAt = resetMillis < 0 ? -1 : now + nanos(resetMillis);
    Leases.note(words, at, grant.remaining(), resetAt);
    refuse(grant, item, now);
    fruitless = grant.granted() == 0;
    // Permits that were recalled return to the cell as their calls end, not to a lease of none.
    boolean renews = definition.kind() == Kind.CONCURRENCY && isLeaseOpen();
    if (grant.granted() > 0 || renews) {
      long units = heldBack(item, Leases.close(words, at) + grant.granted());
      leaseNanos = nanos(grant.ttlMillis());
      long expiresAt = sentAt + leaseNanos / 8 * 7;
      pace.granted(units, grant.granted(), item);
      lowWater = units < 12 ? 0 : units / 6;
      Leases.open(words, at, units, expiresAt, lowWater, grant.over());
    }
    recalled = false;
  }

  /**
   * Of what the cell gave under an earlier definition, or before another node recalled it, only
   * what calls wait for is kept; the rest goes back at once, and with it the cell learns of the
   * present definition.
   */
  private long heldBack(LeaseRequest.Item item, long units) {
    if (item.definition().equals(definition) && !recalled) {
      return units;
    }
    long rest = Math.max(0, units - item.need());
    toReturn += rest;
    isReturnUrgent |= rest > 0;
    return units - rest;
  }

  /** What of the cell's alerts this node has not announced yet. */
  List<Integer> toAnnounce(LeaseReply.Grant grant) {
    return alerts.fresh(grant.alerts());
  }

  /** The control plane has an alert: the cell is to hear it with the next request. */
  void known(LimitAlert alert) {
    if (alert.windowStartMillis() == window) {
      alerts.known(alert.percent());
    }
  }

  private void refuse(LeaseReply.Grant grant, LeaseRequest.Item item, long now) {
    // What the cell said to an earlier definition says nothing of the present one.
    boolean inVain =
        grant.refused() && !grant.blockAwaited() && item.definition().equals(definition);
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
    // Permits come back when calls end, which nobody foresees: a recall gets those that lie idle.
    boolean comesByItself =
        definition.kind() != Kind.CONCURRENCY && refusedUntil - now < RECALL_WORTH_NANOS;
    return refused && elsewhere > 0 && !comesByItself && now - recallAfter >= 0;
  }

  /** A recall is under way: the refusal is open again, and the next recall is not soon. */
  void recalling(long now) {
    refused = false;
    recallAfter = now + recallPause;
    recallPause = Math.min(RECALL_LONGEST_NANOS, 2 * recallPause);
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
