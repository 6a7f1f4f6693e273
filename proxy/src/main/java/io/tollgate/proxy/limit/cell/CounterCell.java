package io.tollgate.proxy.limit.cell;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One counter's cell with its owner: the second level of the escrow. It leases units to nodes; they
 * leave the cell when they are granted.
 *
 * <p>Quota: granted - returned, over all nodes, never passes the hard limit. Rate: see {@link
 * Bucket}. Concurrency: the outstanding permits never pass the limit.
 */
final class CounterCell {
  private LimitDefinition definition;
  private long version;
  private final String counter;
  private long windowStart = CounterState.NO_WINDOW;
  private long windowEnd = Long.MAX_VALUE;
  private Bucket bucket;
  private long firstPassedAt = Long.MAX_VALUE;
  private CellAlerts alerts = CellAlerts.NONE;
  private BlockPool pool;
  private final Holdings holdings;
  private LeaseReply.Leftover leftover = LeaseReply.Leftover.NONE;
  private final Unserved unserved = new Unserved();
  private @Nullable RootDoubt doubt;

  CounterCell(LimitDefinition definition, long version, String counter, long now) {
    this.definition = definition;
    this.version = version;
    this.counter = counter;
    this.holdings = new Holdings();
    this.pool = BlockPool.EMPTY;
    this.bucket = freshBucket(now);
    openWindow(now);
  }

  CounterCell(CounterState state) {
    definition = state.definition();
    version = state.version();
    counter = state.counter();
    windowStart = state.windowStart();
    windowEnd = state.windowEnd();
    bucket =
        definition.kind() == Kind.RATE
            ? new Bucket(definition, state.level(), state.refilledAt())
            : freshBucket(0);
    firstPassedAt = state.firstPassedAt();
    alerts = state.alerts();
    pool =
        new BlockPool(
            state.blocks(),
            state.blocksElsewhere(),
            state.poolOwner(),
            state.order(),
            state.orderUnits(),
            state.orderDueAt());
    holdings = new Holdings(state.base(), state.holdings());
  }

  CounterState state() {
    return new CounterState(
        definition,
        version,
        counter,
        windowStart,
        windowEnd,
        bucket.level(),
        bucket.refilledAt(),
        holdings.base(),
        firstPassedAt,
        alerts,
        pool.units(),
        pool.elsewhere(),
        pool.owner(),
        pool.order(),
        pool.orderUnits(),
        pool.dueAt(),
        holdings.listed());
  }

  /** The request's line: report first, then grant. */
  LeaseReply.Grant lease(LeaseRequest request, LeaseRequest.Item item, Owner owner, long now) {
    boolean isPaidAhead = definition.paidAhead() || item.definition().paidAhead();
    leftover = LeaseReply.Leftover.NONE;
    adopt(item.definition(), request.version(), now);
    rollWindow(now);
    leftover = isPaidAhead ? leftover : LeaseReply.Leftover.NONE;
    expire(now);
    if (definition.rooted()) {
      // Before the report: what comes back is this owner's to hand out, whoever's block it was of.
      pool = pool.ownedBy(owner, taken());
    }
    Holding holding = holdings.of(request.node(), request.incarnation());
    if (item.windowStart() == windowStart) {
      holding = book(holding, request, item, now);
      alerts = alerts.learned(item.known());
    }
    settleRefill(now);
    deliver(item, now);
    LeaseReply.Grant grant = new Grants(this, request, item, owner, now).grant(holding);
    holdings.enter(owner.figures());
    return grant;
  }

  /**
   * The owner takes the block for its own, or leaves it to whoever is next.
   *
   * @return whether that changed anything
   */
  boolean claim(Owner owner) {
    BlockPool before = pool;
    if (definition.rooted()) {
      pool = pool.ownedBy(owner, taken());
    }
    return !pool.equals(before);
  }

  // What a grant needs to know and to change.

  LimitDefinition definition() {
    return definition;
  }

  Bucket bucket() {
    return bucket;
  }

  BlockPool pool() {
    return pool;
  }

  void pool(BlockPool next) {
    pool = next;
  }

  Unserved unserved() {
    return unserved;
  }

  /** Units go back to the root. */
  void gaveBack(long now) {
    doubt = new RootDoubt(now);
  }

  /** An order is placed for the first time. */
  void ordered(long now) {
    if (doubt != null) {
      doubt.ordered(now);
    }
  }

  /** Whether some of what was elsewhere may be with the root again. */
  boolean doubtsRoot() {
    return doubt != null;
  }

  /** What goes back to the root of the window that the present request ended. */
  LeaseReply.Leftover leftover() {
    return leftover;
  }

  long windowStart() {
    return windowStart;
  }

  CellAlerts alerts() {
    return alerts;
  }

  void alerts(CellAlerts next) {
    alerts = next;
  }

  /** Milliseconds until the window ends by the tenant's time; {@link Long#MAX_VALUE} for never. */
  long millisToEnd(long now) {
    return windowEnd == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, windowEnd - tenantTime(now));
  }

  /** Whether the window's end comes by itself: a frozen tenant's does not. */
  boolean endsByItself() {
    return windowEnd != Long.MAX_VALUE && definition.frozenAtMillis() == LimitDefinition.LIVE;
  }

  /** Units used or out in this window. */
  long taken() {
    return holdings.taken();
  }

  /** Units used, as far as nodes have told; and out to others, where the root counts them. */
  long used() {
    return taken() - outstanding() + (definition.rooted() ? pool.elsewhere() : 0);
  }

  /** Units left within the limit; negative when it was passed. */
  long within() {
    return switch (definition.kind()) {
      case RATE -> bucket.units();
      case QUOTA -> definition.amount() - taken() - (definition.rooted() ? pool.elsewhere() : 0);
      case CONCURRENCY -> definition.amount() - outstanding();
    };
  }

  /** Units with the nodes. */
  long outstanding() {
    return holdings.outstanding();
  }

  /** Units with nodes other than this one. */
  long elsewhere(Holding mine) {
    return outstanding() - mine.outstanding();
  }

  /** Permits that this node may have now. */
  long permitsFor(LeaseRequest request, long now) {
    long free = Math.max(0, within());
    return definition.beyond()
        ? free
        : unserved.partOf(free, definition.amount(), request, holdings, now);
  }

  /** Whether the node has less than its part of the permits. */
  boolean lacksPermits(LeaseRequest request, Holding holding) {
    return definition.kind() == Kind.CONCURRENCY
        && holding.outstanding() < unserved.part(definition.amount(), request, holdings);
  }

  void put(Holding holding) {
    holdings.put(holding);
  }

  /** The limit was passed: its grace begins, if it has not. */
  void passed(long now) {
    firstPassedAt = Math.min(firstPassedAt, tenantTime(now));
  }

  boolean isPassed() {
    return firstPassedAt != Long.MAX_VALUE;
  }

  boolean inGrace(long now) {
    return definition.graceDays() > 0
        && (firstPassedAt == Long.MAX_VALUE
            || tenantTime(now) - firstPassedAt
                < Duration.ofDays(definition.graceDays()).toMillis());
  }

  /** Until when this cell must be remembered, by the owner's clock. */
  long keepUntil(long now) {
    long leases = holdings.lastExpiry();
    return switch (definition.kind()) {
      // Full at the latest so long after the last lease ran out; nothing refills it meanwhile.
      case RATE -> Math.max(leases, bucket.refilledAt()) + bucket.millisUntilFull();
      case CONCURRENCY -> Math.max(leases, unserved.waitsUntil());
      case QUOTA ->
          taken() == 0 && pool.units() == 0 && !pool.awaits()
              ? leases
              : endsByItself() ? windowEnd : Long.MAX_VALUE;
    };
  }

  private long tenantTime(long now) {
    return definition.frozenAtMillis() == LimitDefinition.LIVE ? now : definition.frozenAtMillis();
  }

  private Bucket freshBucket(long now) {
    return definition.kind() == Kind.RATE
        ? Bucket.full(definition, now)
        : new Bucket(definition, 0, now);
  }

  /** A newer definition counts at once; what was used stays used. */
  private void adopt(LimitDefinition next, long nextVersion, long now) {
    if (nextVersion <= version || next.equals(definition)) {
      version = Math.max(version, nextVersion);
      return;
    }
    boolean sameKind = next.kind() == definition.kind();
    if (sameKind && next.kind() == Kind.RATE) {
      bucket.refill(now, outstanding());
      bucket = bucket.under(next);
    }
    boolean grew = next.size() > definition.size();
    definition = next;
    version = nextVersion;
    if (!sameKind) {
      bucket = freshBucket(now);
      begin(CounterState.NO_WINDOW, Long.MAX_VALUE);
    }
    if (grew) {
      // Room again: where the new limit is not passed, too, its grace is still to come. Thresholds
      // passed before stay passed: each is announced once a window.
      firstPassedAt = within() >= 0 ? Long.MAX_VALUE : firstPassedAt;
      pool = pool.askAgain();
    }
    openWindow(now);
  }

  private void rollWindow(long now) {
    if (windowEnd != Long.MAX_VALUE && tenantTime(now) >= windowEnd) {
      openWindow(now);
    }
  }

  private void openWindow(long now) {
    Recurrence window = definition.window();
    if (definition.kind() != Kind.QUOTA) {
      return;
    }
    if (window == null) {
      begin(CounterState.NO_WINDOW, Long.MAX_VALUE);
      return;
    }
    Period period = window.at(Instant.ofEpochMilli(tenantTime(now)));
    begin(period.start().toEpochMilli(), period.end().toEpochMilli());
  }

  /** Enters the window; another one than the present begins with nothing used. */
  private void begin(long start, long end) {
    boolean same = start == windowStart;
    if (!same) {
      leftover = new LeaseReply.Leftover(windowStart, Math.max(0, pool.units() - taken()));
    }
    windowStart = start;
    windowEnd = end;
    if (!same) {
      holdings.clear();
      firstPassedAt = Long.MAX_VALUE;
      alerts = CellAlerts.NONE;
      pool = BlockPool.EMPTY;
    }
  }

  private void expire(long now) {
    // One after the other: from the moment when a lease ran out a bucket refills for it, too.
    for (Holding first = holdings.firstExpired(now);
        first != null;
        first = holdings.firstExpired(now)) {
      settleRefill(first.expiresAt());
      put(first.expired());
    }
    holdings.sumUp(definition.kind() == Kind.QUOTA, now);
  }

  /** The node's report. */
  private Holding book(Holding known, LeaseRequest request, LeaseRequest.Item item, long now) {
    settleRefill(now);
    Holding after =
        known.granted() == 0
            ? learned(known, item.held(), longestLease(request, now))
            : known.reported(stillHeld(known, item.held()), item.returned());
    long back = after.returned() - known.returned();
    put(after);
    if (definition.kind() == Kind.RATE && back > 0) {
      // What was taken for spent meanwhile has been refilled: it would come back twice.
      bucket.giveBack(
          Math.min(back, Math.max(0, known.outstanding() - after.outstanding())), outstanding());
    }
    if (item.debt() > 0) {
      after = after.grantedMore(item.debt(), item.debt(), after.expiresAt());
      put(after);
      if (definition.kind() == Kind.RATE) {
        bucket.take(item.debt());
      }
    }
    return after;
  }

  /** When whatever lease the node may hold has run out. */
  private long longestLease(LeaseRequest request, long now) {
    long ttl =
        definition.kind() == Kind.CONCURRENCY
            ? definition.ttlMillis()
            : LeaseRequest.LASTING * request.leaseTtlMillis();
    return now + 2 * ttl;
  }

  /** A lease of a rate that ran out is refilled for; a late report does not bring it back. */
  private long stillHeld(Holding known, long held) {
    return definition.kind() == Kind.RATE ? Math.min(held, known.outstanding()) : held;
  }

  /**
   * The cell is younger than the lease, for the cluster was lost or split: it learns what the node
   * holds. What the node gives back came from another cell and is not this one's to hand out.
   */
  private Holding learned(Holding known, long held, long expiresAt) {
    if (held == 0) {
      return known;
    }
    pool = pool.learned(held);
    if (definition.kind() == Kind.RATE) {
      bucket.take(held);
    }
    return new Holding(known.node(), known.incarnation(), held, 0, 0, held, expiresAt);
  }

  private void settleRefill(long now) {
    if (definition.kind() == Kind.RATE) {
      bucket.refill(now, outstanding());
    }
  }

  private void deliver(LeaseRequest.Item item, long now) {
    if (definition.rooted() && !item.block().isNone() && item.windowStart() == windowStart) {
      if (pool.order().equals(item.block().order())) { // else it knows less than the cell
        firstPassedAt = item.block().firstPassedAt();
      }
      pool = pool.delivered(item.block(), now);
      doubt = doubt == null || doubt.isOver() ? null : doubt;
    }
  }

  /** Units the root has granted and no node has. */
  private long spare() {
    return Math.max(0, pool.units() - taken());
  }

  /**
   * One cell from two sides of a split: nothing granted on either side is forgotten.
   *
   * @param a the side that goes on
   */
  static CounterCell merged(CounterCell a, CounterCell b) {
    boolean bIsNewer = b.version > a.version;
    CounterCell main = bIsNewer ? b : a;
    CounterCell other = bIsNewer ? a : b;
    if (main.windowStart != other.windowStart
        || main.definition.kind() != other.definition.kind()) {
      return main.windowStart >= other.windowStart ? main : other;
    }
    CounterCell merged = new CounterCell(main.state());
    merged.holdings.merge(other.holdings);
    merged.firstPassedAt = Math.min(main.firstPassedAt, other.firstPassedAt);
    merged.alerts = main.alerts.merged(other.alerts);
    if (main.definition.beyond()) {
      merged.pool = main.pool.merged(other.pool).counting(merged.taken());
    } else if (main.definition.rooted()) {
      merged.pool = a.pool.over(b.pool, a.spare(), b.spare(), merged.taken());
    }
    if (main.definition.kind() == Kind.RATE) {
      merged.bucket =
          new Bucket(
              main.definition,
              Math.min(main.bucket.level(), other.bucket.level()),
              Math.max(main.bucket.refilledAt(), other.bucket.refilledAt()));
    }
    return merged;
  }
}
