package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's leases on this node, and the calls that wait for more. One request to the tenant's
 * cell is under way at a time and covers all its counters. Guarded by its monitor, which is never
 * held while the store, the root or a continuation runs.
 */
final class TenantEscrow {
  private static final long REPEAT_NANOS = 50_000_000L;
  private static final long REPEAT_LONGEST_NANOS = 800_000_000L;
  private static final long RECALL_NANOS = 2_000_000_000L;

  private final LeasedLimits node;
  private final String tenant;
  private final Counters counters = new Counters(this);
  private final WaitingCalls waiting;
  private volatile LimitSet set;

  private @Nullable LeaseRequest underWay;
  private final List<Counter> asked = new ArrayList<>(4);
  private long sentAt;
  private long repeatedAt;
  private long repeatAfter;
  private boolean failed;
  private boolean recalling;
  private long recalledAt;
  private final List<Runnable> whenReturned = new ArrayList<>();
  private final List<Runnable> whenAnswered = new ArrayList<>();
  private boolean retired;

  /** Whether the node is about to leave, and whether all that it had to say has been heard. */
  private boolean leaving;

  private boolean left;

  private long usedAt;

  /** Whether a limit of it counts, or counted, calls in flight. */
  private volatile boolean holdsPermits;

  /** So that not all tenants are swept in the same round. */
  private final int turn;

  TenantEscrow(LeasedLimits node, Entitlements entitlements, long now) {
    this.node = node;
    this.tenant = entitlements.tenant();
    this.turn = tenant.hashCode() & 0xff;
    this.usedAt = now;
    this.waiting = new WaitingCalls(admission -> blind(admission, node.now()));
    this.set = compile(entitlements);
  }

  /** The compiled limits; newer entitlements take effect here. */
  LimitSet set(Entitlements entitlements) {
    LimitSet present = set;
    return isSame(present.entitlements, entitlements) ? present : renew(entitlements);
  }

  /** Documents are compared by identity, and only another one by its version: this is hot. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Entitlements a, Entitlements b) {
    return a == b;
  }

  /** Newer entitlements: leases under changed definitions go back at once. */
  LimitSet renew(Entitlements entitlements) {
    LeaseRequest request;
    LimitSet next;
    synchronized (this) {
      if (entitlements.version() < set.entitlements.version()) {
        return set;
      }
      set.forEach(node::forget);
      next = compile(entitlements);
      set = next;
      counters.renew(next);
      request = build(node.now());
    }
    node.send(this, request);
    return next;
  }

  /** A call found a forgotten counter in it. */
  void forget(AppliedLimits applied) {
    set.forget(applied);
  }

  private LimitSet compile(Entitlements entitlements) {
    List<CompiledLimit> limits = node.compiled(entitlements);
    if (limits.stream().anyMatch(limit -> limit.definition().kind() == Kind.CONCURRENCY)) {
      holdsPermits = true;
    }
    return new LimitSet(this, entitlements, limits);
  }

  /** The counters of limits that apply together. */
  Counter[] counters(CompiledLimit[] limits, String keyId) {
    synchronized (this) {
      return counters.of(limits, keyId, set);
    }
  }

  /** In an array that other tenants of the plan have as well. */
  CompiledLimit[] shared(CompiledLimit[] together) {
    return node.shared(together);
  }

  String tenant() {
    return tenant;
  }

  long now() {
    return node.now();
  }

  void owe(Counter counter, long units) {
    counter.owe(units);
    node.busy(this);
  }

  /** The cell may have to hear from a counter. Under the monitor. */
  void note(Counter counter) {
    counters.note(counter);
  }

  /** The cell should hear soon of what was noted. */
  void hasNews() {
    node.busy(this);
  }

  void watch(Taken taken) {
    node.watch(taken);
  }

  void unwatch(Taken taken) {
    node.unwatch(taken);
  }

  void lapsed() {
    node.figures().lapsed();
  }

  /** A lease runs low: more is asked for before calls have to wait. */
  void replenish(Admission admission, long now) {
    LeaseRequest request;
    synchronized (this) {
      for (Counter counter : admission.applied().counters) {
        counter.asked();
      }
      counters.note(admission);
      request = build(now);
    }
    node.send(this, request);
  }

  /** The way of a call whose leases do not suffice. */
  Slow admitSlowly(Admission admission, Continuation then, long now) {
    LeaseRequest request;
    synchronized (this) {
      if (retired) {
        return Slow.RETIRED;
      }
      usedAt = now;
      if (admission.isStale()) {
        return Slow.STALE;
      }
      if (admission.take(now) || admission.refusedForGood(now)) {
        return Slow.DECIDED;
      }
      if (isBlind(now) || admission.isRootSilent(now)) {
        blind(admission, now);
        return Slow.DECIDED;
      }
      left = false;
      admission.await(then, now, node.settings().answerWithin().toNanos());
      waiting.add(admission);
      request = build(now);
    }
    node.busy(this);
    node.send(this, request);
    return Slow.WAITS;
  }

  /** How a call fares that could not be served from the leases at hand. */
  enum Slow {
    DECIDED,
    WAITS,
    RETIRED,
    STALE
  }

  /** Whether the cell has been silent for longer than any call would wait. */
  private boolean isBlind(long now) {
    return underWay != null && now - sentAt > node.settings().answerWithin().toNanos();
  }

  /** The next request, if one is due and none is under way. */
  private @Nullable LeaseRequest build(long now) {
    if (underWay != null || (recalling && whenReturned.isEmpty())) {
      return null;
    }
    if (!recalling) {
      // Else two nodes that recall each other would both wait: only what is to return goes now.
      waiting.addNeeds(counters, now);
    }
    if (!counters.isOneDue(now)) {
      return null;
    }
    asked.clear();
    List<LeaseRequest.Item> items = counters.report(now, node.settings(), asked);
    LeaseRequest request =
        node.request(tenant, set.entitlements.version(), leaving && !left, items);
    underWay = request;
    sentAt = now;
    repeatedAt = now;
    repeatAfter = REPEAT_NANOS;
    failed = false;
    if (!whenReturned.isEmpty() && counters.areNoneNoted()) {
      whenAnswered.addAll(whenReturned);
      whenReturned.clear();
    }
    return request;
  }

  // Answers.

  void replied(LeaseReply reply) {
    Aftermath after = new Aftermath(this, node);
    long now = node.now();
    synchronized (this) {
      LeaseRequest request = underWay;
      if (request == null || request.sequence() != reply.sequence()) {
        return;
      }
      underWay = null;
      install(request, reply, now, after);
      List<Runnable> answered = List.copyOf(whenAnswered);
      whenAnswered.clear();
      waiting.resolve(counters, now, after);
      if (leaving) {
        // What was on its way for calls that have given up is nobody's here any more.
        counters.giveLeasesBack();
      }
      for (Counter counter : asked) {
        counter.isAsked = false;
        if (counter.holdsWhatIsMissed()) {
          counters.noteDue(counter);
        }
      }
      if (after.recalls()) {
        recalling = true;
        recalledAt = now;
      }
      after.request = build(now);
      if (leaving && after.request != null) {
        // There is more to say: units that come back with it are this node's to give to the root.
        whenAnswered.addAll(answered);
      } else {
        after.run(answered);
      }
      if (after.request == null) {
        after.run(whenReturned);
        whenReturned.clear();
        left = leaving && waiting.isEmpty();
      }
    }
    after.go();
  }

  void failed() {
    synchronized (this) {
      failed = true;
    }
    node.busy(this);
  }

  private void install(LeaseRequest request, LeaseReply reply, long now, Aftermath after) {
    for (int i = 0; i < reply.grants().size(); i++) {
      LeaseReply.Grant grant = reply.grants().get(i);
      LeaseRequest.Item item = request.items().get(i);
      Counter counter = asked.get(i);
      counter.install(grant, item, sentAt, now);
      node.figures().granted(grant);
      for (int percent : counter.toAnnounce(grant)) {
        announce(counter, percent, grant, grant.windowStart(), after);
      }
      if (counter.isFirstWarning(grant)) {
        announce(counter, LimitAlert.OVER, grant, grant.warnedHour(), after);
      }
      giveBack(counter, "end", grant.leftover(), request.sequence(), after);
      giveBack(counter, "late", counter.takeLeftover(), request.sequence(), after);
      QuotaBlockRequest failed = counter.root().placeAgain();
      if (grant.blockUnits() < 0) {
        after.giveBack(order(counter, grant));
      } else if (!grant.blockOrder().isEmpty()) {
        after.order(counter, order(counter, grant));
      } else if (failed != null) {
        after.order(counter, failed);
      }
    }
  }

  /** A privileged tenant's use is counted, and nobody is told that it passed the limit. */
  private void announce(
      Counter counter, int percent, LeaseReply.Grant grant, long windowStart, Aftermath after) {
    LimitAlert alert =
        new LimitAlert(
            tenant,
            counter.name.limit(),
            counter.name.counter(),
            percent,
            grant.used(),
            grant.amount(),
            windowStart);
    CompiledLimit limit = set.limit(counter.name.limit());
    boolean onlyCounts =
        percent == LimitAlert.OVER && limit != null && limit.whenOver() == Outcome.ADMITTED;
    if (onlyCounts) {
      counter.known(alert);
    } else {
      after.alert(alert);
    }
  }

  private QuotaBlockRequest order(Counter counter, LeaseReply.Grant grant) {
    return order(counter, grant.blockOrder(), grant.windowStart(), grant.blockUnits());
  }

  /** An order for units, or below zero for units to give back. */
  private QuotaBlockRequest order(Counter counter, String id, long windowStart, long units) {
    return new QuotaBlockRequest(
        QuotaBlockRequest.FORMAT,
        node.roots().cluster() + ":" + id,
        node.roots().cluster(),
        tenant,
        counter.name.limit(),
        counter.name.counter(),
        windowStart == CounterState.NO_WINDOW ? null : Instant.ofEpochMilli(windowStart),
        Math.max(0, units),
        Math.max(0, -units));
  }

  /** What is left of a window that is over goes back to its root, under an id of its own. */
  private void giveBack(
      Counter counter, String why, LeaseReply.Leftover left, long sequence, Aftermath after) {
    if (left.units() > 0) {
      String id = String.join(":", why, node.name(sequence), counter.name.limit());
      after.giveBack(
          order(counter, id + ":" + counter.name.counter(), left.windowStart(), -left.units()));
    }
  }

  void recallDone() {
    LeaseRequest request;
    synchronized (this) {
      recalling = false;
      request = build(node.now());
    }
    node.send(this, request);
  }

  /** The control plane has an alert of this tenant's. */
  void known(LimitAlert alert) {
    synchronized (this) {
      Counter counter = counters.find(CounterName.of(alert.limit(), alert.counter()));
      if (counter != null) {
        counter.known(alert);
      }
    }
    node.busy(this);
  }

  /** Nobody kept an alert of this tenant's. */
  void unheard(LimitAlert alert) {
    synchronized (this) {
      Counter counter = counters.find(CounterName.of(alert.limit(), alert.counter()));
      if (counter != null) {
        counter.unheard(alert);
      }
    }
  }

  boolean mayAnnounceAgain() {
    return node.mayAnnounceAgain();
  }

  void blockCame(Counter counter, QuotaBlockRequest ordered, QuotaBlock block) {
    String order = ordered.requestId().substring(node.roots().cluster().length() + 1);
    Instant passedAt = block.firstPassedAt();
    LeaseRequest.Delivery delivery =
        new LeaseRequest.Delivery(
            order,
            block.granted(),
            block.outstanding(),
            passedAt == null ? Long.MAX_VALUE : passedAt.toEpochMilli());
    Instant start = ordered.windowStart();
    long window = start == null ? CounterState.NO_WINDOW : start.toEpochMilli();
    Aftermath after = new Aftermath(this, node);
    synchronized (this) {
      if (!counter.isLate(window)) {
        if (left) {
          return; // the cell has another node place the order again, under its id
        }
        counter.deliver(delivery, node.now());
      } else if (block.granted() > 0) {
        // The cell is in another window and would not take it.
        after.giveBack(order(counter, order + ":late", window, -block.granted()));
      }
      after.request = build(node.now());
    }
    node.busy(this);
    after.go();
  }

  /** The root does not answer: calls that wait for nothing else are decided by policy. */
  void blockFailed(Counter counter, QuotaBlockRequest order) {
    Aftermath after = new Aftermath(this, node);
    synchronized (this) {
      long now = node.now();
      counter.unplaced(order, now);
      waiting.decideRootless(now, after);
    }
    after.go();
  }

  private void blind(Admission admission, long now) {
    StoreDown ofPlan = set.entitlements.storeDown();
    StoreDown policy = ofPlan == null ? node.settings().storeDown() : ofPlan;
    admission.blind(policy, node.nodes(), now);
    node.figures().wentBlind();
  }

  /** Another node needs units: what is unspent here goes back. */
  void giveBack(Set<CounterName> names, Runnable done) {
    LeaseRequest request;
    boolean nothing;
    synchronized (this) {
      for (CounterName name : names) {
        Counter counter = counters.find(name);
        if (counter != null) {
          if (counter.isUntold()) {
            counters.noteDue(counter);
          }
          counter.giveLeaseBack();
          counter.recalled(counter.isAsked);
        }
      }
      whenReturned.add(done);
      request = build(node.now());
      nothing = request == null && underWay == null;
      if (nothing) {
        whenReturned.remove(done);
        left = leaving;
      }
    }
    if (nothing) {
      done.run();
    } else {
      node.busy(this);
      node.send(this, request);
    }
  }

  /** The node leaves: the cell hears all there is to say, and gets all that is unspent. */
  void leave(Runnable done) {
    synchronized (this) {
      leaving = true;
      counters.forEach(
          counter -> {
            if (counter.isKnownToItsCell()) {
              counters.noteDue(counter);
            }
          });
    }
    giveBack(names(), done);
  }

  private Set<CounterName> names() {
    synchronized (this) {
      return counters.names();
    }
  }

  /** The cell may have been lost: it should hear soon which permits are held here. */
  void tellPermits() {
    LeaseRequest request;
    synchronized (this) {
      counters.forEach(
          counter -> {
            if (counter.holdsPermits()) {
              counters.noteDue(counter);
            }
          });
      request = build(node.now());
    }
    node.busy(this);
    node.send(this, request);
  }

  List<LimitView> explain() {
    List<LimitView> views = new ArrayList<>();
    synchronized (this) {
      counters.forEach(
          counter -> {
            CompiledLimit limit = set.limit(counter.name.limit());
            if (limit != null) {
              views.add(LimitView.of(limit, counter, set, node.now()));
            }
          });
    }
    return views;
  }

  long outstanding() {
    synchronized (this) {
      return counters.available();
    }
  }

  /** What is due at short intervals. Returns whether there is more to come. */
  boolean tick(long now) {
    Aftermath after = new Aftermath(this, node);
    boolean busy;
    synchronized (this) {
      waiting.decideOverdue(now, after);
      // The store answers a recall in time; if it does not, calls go on without.
      recalling = recalling && now - recalledAt < RECALL_NANOS;
      if (underWay == null) {
        after.request = build(now);
      } else if (failed && now - repeatedAt > repeatAfter) {
        failed = false;
        repeatedAt = now;
        // A cluster that is slow because it is busy is not helped by being asked more.
        repeatAfter = Math.min(2 * repeatAfter, REPEAT_LONGEST_NANOS);
        after.request = underWay;
      }
      busy = underWay != null || recalling || !waiting.isEmpty();
    }
    after.go();
    return busy;
  }

  /** Whether this round of sweeps is for it; tenants without permits take turns. */
  boolean isDue(int round, int roundsBetween) {
    return holdsPermits || (round + turn) % roundsBetween == 0;
  }

  /** What is due at long intervals: idle leases go back, permits are renewed, use is reported. */
  boolean sweep(long now) {
    int left = size();
    boolean isWhole = left <= Counters.SLICE;
    do {
      LeaseRequest request;
      synchronized (this) {
        boolean silent =
            counters.sweep(
                Math.min(left, Counters.SLICE),
                now,
                node.settings().leaseTtl().toNanos(),
                key -> set.forgetKey(key, node::forget));
        boolean idle = silent && underWay == null && waiting.isEmpty() && !recalling;
        if (isWhole && idle && now - usedAt > Counters.RETIRE_NANOS) {
          retired = true;
          set.forEach(node::forget);
          return true;
        }
        request = counters.areNoneNoted() ? null : build(now);
      }
      node.send(this, request);
      left -= Counters.SLICE;
    } while (left > 0);
    return false;
  }

  private int size() {
    synchronized (this) {
      return counters.size();
    }
  }
}
