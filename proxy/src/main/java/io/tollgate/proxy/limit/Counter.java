package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlockRequest;
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
  /** Units of a quota below which each counts. */
  private static final long FEW_LEFT = 64;

  private final TenantEscrow escrow;
  final CounterName name;

  /** Where its lease is. */
  final long[] words;

  final int at;

  /** Null until the cell refuses, or says that other nodes hold units. */
  private volatile @Nullable Refusal refusal;

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

  private long seen = -1;
  private long lastSpentAt;

  /** When units were handed out last. */
  private long handedOutAt;

  private RootWait root = RootWait.NONE;

  /** Null until the cell tells of an alert. */
  private @Nullable NodeAlerts alerts;

  private long warnedHour = CounterState.NO_WINDOW;
  private @Nullable FairShare fairShare;
  private long grantedInAll;

  /** Whether some of its units were paid ahead, which other windows may have. */
  private boolean isPaidAhead;

  /** Whether the cell may hold some of them that nobody asks for. */
  private boolean mayLeaveSome;

  /** What of a window that is over goes back to the root. */
  private LeaseReply.Leftover leftover = LeaseReply.Leftover.NONE;

  /** Whether a low lease was asked about in vain: it is not asked about again. */
  private boolean fruitless;

  // Kept by the escrow's table: whether it counts one key's calls, the sums over the calls that
  // wait, whether the cell may have or has to hear from it, and whether it was asked and has not
  // answered yet.
  boolean isOfKey;
  long need;
  long least;
  boolean isNoted;
  boolean isDue;
  boolean isAsked;

  /** Set when the counter is forgotten: calls that still know it look for another one. */
  private boolean forgotten;

  Counter(TenantEscrow escrow, CounterName name, long[] words, int at, LimitDefinition definition) {
    this.escrow = escrow;
    this.name = name;
    this.words = words;
    this.at = at;
    this.definition = definition;
    this.isPaidAhead = definition.paidAhead();
    long now = escrow.now();
    this.pace = new Pace(now);
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
    Refusal known = refusal;
    return known != null && known.refuses(units, now);
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
    return remaining() == 0 && isNothingElsewhere() && !root.awaitsBlock() && available() <= 0;
  }

  private boolean isNothingElsewhere() {
    Refusal known = refusal;
    return known == null || known.isNothingElsewhere();
  }

  /** How it stands with its quota's root. */
  RootWait root() {
    return root;
  }

  /** The same, to be told something. */
  private RootWait toldRoot() {
    if (root == RootWait.NONE) {
      root = new RootWait();
    }
    return root;
  }

  /** An order for a block failed. */
  void unplaced(QuotaBlockRequest order, long now) {
    toldRoot().unplaced(order, now);
  }

  /** A call waited in vain for a block. */
  void rootIsSilent(long now, long since) {
    toldRoot().isSilent(now, since, handedOutAt);
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
    synchronized (escrow) {
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
    returnSoon(units);
    return false;
  }

  private void returnSoon(long units) {
    toReturn += units;
    isReturnUrgent = true;
    escrow.note(this);
  }

  /** Units taken for a call that could not have all it needed: they were never used. */
  void untake(long units, long mark) {
    synchronized (escrow) {
      boolean back = mark == mark() && Leases.giveBack(words, at, units);
      if (!back && mark >= windowMark) {
        if (definition.kind() == Kind.RATE) {
          returnSoon(units);
        } else {
          var unused = giveBackNowOrLate(units);
        }
      }
    }
  }

  /** Units were used without a lease. */
  void owe(long units) {
    synchronized (escrow) {
      debt += units;
      escrow.note(this);
    }
  }

  /** Takes up a definition: a lease under another one goes back. */
  void redefine(LimitDefinition next) {
    if (!next.equals(definition)) {
      definition = next;
      isPaidAhead |= next.paidAhead();
      lift();
      fairShare = null;
      giveLeaseBack();
    }
  }

  /** The lease ends and what is left of it goes to the cell, with the next request. */
  void giveLeaseBack() {
    closeLease();
    isReturnUrgent = toReturn > 0;
    escrow.note(this);
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

  /**
   * Whether units were spent that the cell takes for unspent: others may wait for what it knows.
   */
  boolean isUntold() {
    return definition.kind() != Kind.CONCURRENCY && unspentAtCell > available();
  }

  /**
   * Whether units lie here that the cell takes for spent, since calls waited for them which another
   * limit refused; and so few are left that others would be refused for want of them.
   */
  boolean holdsWhatIsMissed() {
    return definition.kind() == Kind.QUOTA && remaining() < FEW_LEFT && available() > unspentAtCell;
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

  /** The root answered to an order. */
  void deliver(LeaseRequest.Delivery delivered, long now) {
    toldRoot().deliver(delivered, now);
    escrow.note(this);
  }

  /** Whether the cell should hear from this counter although no call waits. */
  boolean hasNews(long now) {
    boolean low = !fruitless && lowWater > 0 && available() < lowWater && holdsAt(now);
    return isReturnUrgent || debt > 0 || root.hasDelivery() || hasAlerts() || low;
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
        && !root.hasDelivery()
        && !mayLeaveSome
        && !hasAlerts()
        && !isUnheard();
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
      case QUOTA ->
          debt > 0
              || (mayLeaveSome && !isLeaseOpen() && silent > idleNanos)
              || (silent > patience && (toReturn > 0 || unspentAtCell > available));
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
            root.handOver(),
            alerts == null ? List.of() : alerts.tell());
    toReturn = 0;
    isReturnUrgent = false;
    debt = 0;
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
      closeLease();
      leaveBehind(toReturn + item.returned() + item.block().units());
      window = grant.windowStart();
      toReturn = 0;
      isReturnUrgent = false;
      windowMark = mark() + 1;
      alerts = null; // those of another window are others
    }
    if (definition.kind() == Kind.CONCURRENCY) {
      permits += grant.granted();
    }
    if (grant.remaining() != remaining() && grantedInAll + grant.granted() > 0) {
      handedOutAt = now;
      root.handedOut();
    }
    if (refusal != null || grant.elsewhere() > 0) {
      told(now).elsewhere(grant.elsewhere(), definition.kind() == Kind.QUOTA, now);
    }
    boolean awaitsBlock = grant.refused() && grant.blockAwaited();
    if ((item.need() > 0 || grant.granted() > 0) && (root != RootWait.NONE || awaitsBlock)) {
      toldRoot().learn(awaitsBlock, now);
    }
    grantedInAll += grant.granted();
    // Who holds and wants nothing has the cell give back the rest, unless more is on its way there.
    boolean leavesNone = item.held() + item.want() == 0 && !grant.blockAwaited();
    mayLeaveSome = isPaidAhead && (grant.granted() > 0 || (mayLeaveSome && !leavesNone));
    if (refusal != null && grant.granted() > 0) {
      told(now).granted(definition.kind() == Kind.CONCURRENCY, now);
    }
    unspentAtCell =
        item.held()
            + grant.granted()
            - (definition.kind() == Kind.QUOTA ? Math.min(grant.granted(), item.need()) : 0);
    // What other nodes hold of a quota may come back long before its window ends.
    boolean comesBack = definition.kind() == Kind.QUOTA && grant.elsewhere() > 0;
    boolean waits = grant.refused() && (definition.kind() == Kind.RATE || comesBack);
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
      lowWater = units < 12 ? lastCall(grant, item) : units / 6;
      Leases.open(words, at, units, expiresAt, lowWater, grant.over());
    }
    recalled = false;
  }

  /**
   * Of a bucket that this lease drained the cell should hear at once when no call is left in the
   * lease: it refills only for what it knows to be spent, and others were told when it will.
   */
  private long lastCall(LeaseReply.Grant grant, LeaseRequest.Item item) {
    long call = Math.max(1, item.least());
    return definition.kind() == Kind.RATE && grant.remaining() < call ? call : 0;
  }

  /** Units of the present window, which is over, that the cell does not take back any more. */
  private void leaveBehind(long units) {
    if (isPaidAhead && units > 0) {
      leftover = new LeaseReply.Leftover(window, units);
    }
  }

  /** What goes back to the root of a window that is over; said once. */
  LeaseReply.Leftover takeLeftover() {
    LeaseReply.Leftover taken = leftover;
    leftover = LeaseReply.Leftover.NONE;
    return taken;
  }

  /**
   * Whether a block is of a window that is over, so that the cell would not take it: it goes back.
   */
  boolean isLate(long windowStart) {
    return isPaidAhead && windowStart != window;
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
    escrow.note(this);
    return units - rest;
  }

  /** What of the cell's alerts this node has not announced yet. */
  List<Integer> toAnnounce(LeaseReply.Grant grant) {
    if (alerts == null && grant.alerts().isEmpty()) {
      return List.of();
    }
    List<Integer> fresh = toldAlerts().fresh(grant.alerts());
    if (hasAlerts()) {
      escrow.note(this);
    }
    return fresh;
  }

  /** The control plane has an alert: the cell is to hear it with the next request. */
  void known(LimitAlert alert) {
    if (alert.windowStartMillis() == window) {
      toldAlerts().known(alert.percent());
      escrow.note(this);
    }
  }

  /** Whether a rate was passed, by its policy, for the first time in an hour. */
  boolean isFirstWarning(LeaseReply.Grant grant) {
    boolean first =
        grant.warnedHour() != CounterState.NO_WINDOW && grant.warnedHour() != warnedHour;
    warnedHour = first ? grant.warnedHour() : warnedHour;
    return first;
  }

  /** Nobody kept an alert. */
  void unheard(LimitAlert alert) {
    if (alerts != null && alert.windowStartMillis() == window) {
      alerts.unheard(alert.percent());
    }
  }

  /** Whether an alert is to be announced again. */
  boolean isUnheard() {
    return alerts != null && alerts.isUnheard();
  }

  private boolean hasAlerts() {
    return alerts != null && alerts.hasNews();
  }

  private NodeAlerts toldAlerts() {
    NodeAlerts known = alerts == null ? new NodeAlerts() : alerts;
    alerts = known;
    return known;
  }

  private Refusal told(long now) {
    Refusal known = refusal == null ? new Refusal(now) : refusal;
    refusal = known;
    return known;
  }

  private void lift() {
    Refusal known = refusal;
    if (known != null) {
      known.lift();
    }
  }

  private void refuse(LeaseReply.Grant grant, LeaseRequest.Item item, long now) {
    // What the cell said to an earlier definition says nothing of the present one.
    boolean inVain =
        grant.refused() && !grant.blockAwaited() && item.definition().equals(definition);
    if (inVain) {
      told(now)
          .refuse(
              grant.granted() == 0 ? Math.max(1, item.least()) : 1,
              now + nanos(grant.retryMillis()));
    } else {
      lift();
    }
  }

  /**
   * Whether other nodes hold units that would serve these calls, and it is time to ask for them.
   */
  boolean mayRecall(long now) {
    Refusal known = refusal;
    return known != null && known.mayRecall(definition.kind() != Kind.CONCURRENCY, now);
  }

  /** Whether it is a quota of which other nodes hold units: a refusal is not its last word. */
  boolean isLeftElsewhere() {
    return definition.kind() == Kind.QUOTA && !isNothingElsewhere();
  }

  /** Other nodes' leases are recalled. */
  void recalling(long now) {
    told(now).recalling(now);
  }

  /** Takes from this node's share of a rate, for while the cluster is away. */
  boolean takeFairShare(long units, int nodes, long now) {
    if (definition.kind() != Kind.RATE) {
      return false;
    }
    FairShare share = fairShare;
    if (share == null) {
      share = new FairShare(definition, nodes, now);
      fairShare = share;
    }
    return share.take(units, now);
  }

  private static long nanos(long millis) {
    return Math.min(millis, Long.MAX_VALUE / 4_000_000) * 1_000_000;
  }
}
