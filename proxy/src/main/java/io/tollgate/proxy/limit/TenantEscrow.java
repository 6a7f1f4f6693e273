package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.Scope;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's leases on this node, and the calls that wait for more. One request to the tenant's
 * cell is under way at a time and covers all its counters. Guarded by its monitor, which is never
 * held while the store, the root or a continuation runs.
 */
final class TenantEscrow {
  /** Requests a call waits through at most: its units may go to others each time. */
  private static final int ROUNDS = 8;

  private static final long RETIRE_NANOS = 90_000_000_000L;
  private static final long REPEAT_NANOS = 50_000_000L;
  private static final long REPEAT_LONGEST_NANOS = 800_000_000L;
  private static final long RECALL_NANOS = 2_000_000_000L;

  private final LeasedLimits node;
  private final String tenant;
  private final Map<CounterName, Counter> counters = new HashMap<>();
  private final ArrayDeque<Admission> waiting = new ArrayDeque<>();
  private volatile LimitSet set;

  private @Nullable LeaseRequest underWay;
  private final List<Counter> asked = new ArrayList<>();
  private long sentAt;
  private long repeatedAt;
  private long repeatAfter;
  private boolean failed;
  private boolean recalling;
  private long recalledAt;
  private List<Runnable> whenReturned = new ArrayList<>();
  private List<Runnable> whenAnswered = new ArrayList<>();
  private boolean retired;

  /** Whether the node is about to leave. */
  private boolean leaving;

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
      counters.values().removeIf(counter -> isOfAnotherKind(counter, next));
      for (Counter counter : counters.values()) {
        CompiledLimit limit = next.limit(counter.name.limit());
        if (limit == null) {
          counter.giveLeaseBack();
        } else {
          counter.redefine(limit.definition());
        }
      }
      request = build(node.now());
    }
    node.send(this, request);
    return next;
  }

  /** A call found a forgotten counter in it. */
  void forget(AppliedLimits applied) {
    set.forget(applied);
  }

  /** A limit that changed its kind has nothing in common with what it was. */
  private static boolean isOfAnotherKind(Counter counter, LimitSet in) {
    CompiledLimit limit = in.limit(counter.name.limit());
    boolean is = limit != null && limit.definition().kind() != counter.definition().kind();
    if (is) {
      counter.forget();
    }
    return is;
  }

  private LimitSet compile(Entitlements entitlements) {
    List<CompiledLimit> limits = node.compiled(entitlements);
    if (limits.stream().anyMatch(limit -> limit.definition().kind() == Kind.CONCURRENCY)) {
      holdsPermits = true;
    }
    return new LimitSet(this, entitlements, limits);
  }

  /** The counters of limits that apply together; leases of new ones lie side by side. */
  Counter[] counters(CompiledLimit[] limits, String keyId) {
    Counter[] found = new Counter[limits.length];
    synchronized (this) {
      int known = 0;
      for (int i = 0; i < limits.length; i++) {
        known += counters.containsKey(name(limits[i], keyId)) ? 1 : 0;
      }
      long[] words = Leases.closed(limits.length - known);
      int at = 0;
      for (int i = 0; i < limits.length; i++) {
        CompiledLimit limit = limits[i];
        CounterName name = name(limit, keyId);
        Counter counter = counters.get(name);
        if (counter == null) {
          counter = new Counter(this, name, words, at, limit.definition());
          counter.isOfKey = limit.scope().kind() == Scope.Kind.KEY;
          counters.put(name, counter);
          at += Leases.WIDTH;
        }
        // A set compiled before the last change may look its counters up after it.
        if (limit.equals(set.limit(limit.definition().limit()))) {
          counter.redefine(limit.definition());
        }
        found[i] = counter;
      }
    }
    return found;
  }

  private static CounterName name(CompiledLimit limit, String keyId) {
    return new CounterName(limit.definition().limit(), limit.counter(keyId));
  }

  long now() {
    return node.now();
  }

  void owe(Counter counter, long units) {
    counter.owe(units);
    node.busy(this);
  }

  /** The cell should hear from a counter soon. */
  void hasNews() {
    node.busy(this);
  }

  void watch(Admission admission) {
    node.watch(admission);
  }

  void unwatch(Admission admission) {
    node.unwatch(admission);
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
      if (admission.take(now) || admission.refused(now)) {
        return Slow.DECIDED;
      }
      if (isBlind(now) || admission.isRootSilent(now)) {
        blind(admission, now);
        return Slow.DECIDED;
      }
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
    for (Counter counter : counters.values()) {
      counter.need = 0;
    }
    if (!recalling) {
      // Else two nodes that recall each other would both wait: only what is to return goes now.
      waiting.forEach(admission -> admission.addNeeds(now));
    }
    boolean isDue = false;
    for (Counter counter : counters.values()) {
      if (counter.need > 0 && counter.holdsAt(now)) {
        counter.need = Math.max(0, counter.need - counter.available());
      }
      counter.isDue |= counter.need > 0 || counter.hasNews(now);
      isDue |= counter.isDue;
    }
    if (!isDue) {
      return null;
    }
    List<LeaseRequest.Item> items = items(now);
    LeaseRequest request = node.request(tenant, set.entitlements.version(), leaving, items);
    underWay = request;
    sentAt = now;
    repeatedAt = now;
    repeatAfter = REPEAT_NANOS;
    failed = false;
    if (!whenReturned.isEmpty()) {
      whenAnswered.addAll(whenReturned);
      whenReturned.clear();
    }
    return request;
  }

  /** A line for each counter that is due, and for those that would soon be due alone. */
  private List<LeaseRequest.Item> items(long now) {
    List<LeaseRequest.Item> items = new ArrayList<>(counters.size());
    asked.clear();
    for (Counter counter : counters.values()) {
      if (counter.isDue || counter.comesAlong(now)) {
        counter.isDue = false;
        asked.add(counter);
        items.add(counter.report(now, node.settings()));
      }
    }
    return items;
  }

  // Answers.

  void replied(LeaseReply reply) {
    Aftermath after = new Aftermath();
    long now = node.now();
    synchronized (this) {
      LeaseRequest request = underWay;
      if (request == null || request.sequence() != reply.sequence()) {
        return;
      }
      underWay = null;
      install(request, reply, now, after);
      if (!whenAnswered.isEmpty()) {
        after.runs = whenAnswered;
        whenAnswered = new ArrayList<>();
      }
      resolve(now, after);
      if (!after.recalls.isEmpty()) {
        recalling = true;
        recalledAt = now;
      }
      after.request = build(now);
      if (after.request == null && !whenReturned.isEmpty()) {
        after.runs = append(after.runs, whenReturned);
        whenReturned = new ArrayList<>();
      }
    }
    after.go();
  }

  private static List<Runnable> append(List<Runnable> some, List<Runnable> more) {
    List<Runnable> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
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
        announce(counter, percent, grant, after);
      }
      QuotaBlockRequest failed = counter.placeAgain();
      if (grant.blockUnits() < 0) {
        after.returns.add(order(counter, grant));
      } else if (!grant.blockOrder().isEmpty()) {
        after.order(counter, order(counter, grant));
      } else if (failed != null) {
        after.order(counter, failed);
      }
    }
  }

  /** A privileged tenant's use is counted, and nobody is told that it passed the limit. */
  private void announce(Counter counter, int percent, LeaseReply.Grant grant, Aftermath after) {
    LimitAlert alert =
        new LimitAlert(
            tenant,
            counter.name.limit(),
            counter.name.counter(),
            percent,
            grant.used(),
            grant.amount(),
            grant.windowStart());
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
    return new QuotaBlockRequest(
        QuotaBlockRequest.FORMAT,
        node.cluster() + ":" + grant.blockOrder(),
        node.cluster(),
        tenant,
        counter.name.limit(),
        counter.name.counter(),
        grant.windowStart() == CounterState.NO_WINDOW
            ? null
            : Instant.ofEpochMilli(grant.windowStart()),
        Math.max(0, grant.blockUnits()),
        Math.max(0, -grant.blockUnits()));
  }

  /** Decides what can be decided of the calls that wait, in their order. */
  private void resolve(long now, Aftermath after) {
    for (int i = waiting.size(); i > 0; i--) {
      Admission admission = waiting.remove();
      if (admission.takeGranted(now)) {
        after.decided(admission);
      } else if (admission.refused(now)) {
        if (admission.mayRecall(now)) {
          after.recall(admission);
          waiting.add(admission);
        } else {
          after.decided(admission);
        }
      } else if (!admission.awaitsBlock(now) && admission.nextRound() > ROUNDS) {
        admission.refuseUnknown(now);
        after.decided(admission);
      } else {
        waiting.add(admission);
      }
    }
    after.recalled.forEach(counter -> counter.recalling(now));
  }

  private void recallDone() {
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
      Counter counter = counters.get(new CounterName(alert.limit(), alert.counter()));
      if (counter != null) {
        counter.known(alert);
      }
    }
    node.busy(this);
  }

  private void blockCame(Counter counter, String order, QuotaBlock block) {
    Instant passedAt = block.firstPassedAt();
    LeaseRequest.Delivery delivery =
        new LeaseRequest.Delivery(
            order,
            block.granted(),
            block.outstanding(),
            passedAt == null ? Long.MAX_VALUE : passedAt.toEpochMilli());
    LeaseRequest request;
    synchronized (this) {
      counter.deliver(delivery, node.now());
      request = build(node.now());
    }
    node.busy(this);
    node.send(this, request);
  }

  /** The root does not answer: calls that wait for nothing else are decided by policy. */
  private void blockFailed(Counter counter, QuotaBlockRequest order) {
    Aftermath after = new Aftermath();
    synchronized (this) {
      long now = node.now();
      counter.unplaced(order, now);
      for (int i = waiting.size(); i > 0; i--) {
        Admission admission = waiting.remove();
        if (admission.isRootSilent(now)) {
          blind(admission, now);
          after.decided(admission);
        } else {
          waiting.add(admission);
        }
      }
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
        Counter counter = counters.get(name);
        if (counter != null) {
          counter.giveLeaseBack();
          counter.recalled(underWay != null && asked.contains(counter));
        }
      }
      whenReturned.add(done);
      request = build(node.now());
      nothing = request == null && underWay == null;
      if (nothing) {
        whenReturned.remove(done);
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
      counters.values().forEach(counter -> counter.isDue |= counter.isKnownToItsCell());
    }
    giveBack(names(), done);
  }

  private Set<CounterName> names() {
    synchronized (this) {
      return Set.copyOf(counters.keySet());
    }
  }

  /** The cell may have been lost: it should hear soon which permits are held here. */
  void tellPermits() {
    LeaseRequest request;
    synchronized (this) {
      counters.values().forEach(counter -> counter.isDue |= counter.holdsPermits());
      request = build(node.now());
    }
    node.busy(this);
    node.send(this, request);
  }

  List<LimitView> explain() {
    List<LimitView> views = new ArrayList<>();
    synchronized (this) {
      for (Counter counter : counters.values()) {
        CompiledLimit limit = set.limit(counter.name.limit());
        if (limit != null) {
          views.add(LimitView.of(limit, counter, set, node.now()));
        }
      }
    }
    return views;
  }

  long outstanding() {
    long units = 0;
    synchronized (this) {
      for (Counter counter : counters.values()) {
        units += counter.available();
      }
    }
    return units;
  }

  /** What is due at short intervals. Returns whether there is more to come. */
  boolean tick(long now) {
    Aftermath after = new Aftermath();
    boolean busy;
    synchronized (this) {
      while (!waiting.isEmpty() && waiting.peek().isOverdue(now)) {
        Admission admission = waiting.remove();
        if (!admission.take(now)) {
          admission.tellRootIsSilent(now);
          blind(admission, now);
        }
        after.decided(admission);
      }
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

  String tenant() {
    return tenant;
  }

  /** What is due at long intervals: idle leases go back, permits are renewed, use is reported. */
  boolean sweep(long now) {
    LeaseRequest request;
    synchronized (this) {
      boolean idle = underWay == null && waiting.isEmpty() && !recalling;
      long idleNanos = node.settings().leaseTtl().toNanos();
      for (Counter counter : counters.values()) {
        counter.isDue |= counter.sweep(now, idleNanos);
        idle &= counter.isSilent(now, RETIRE_NANOS) && !counter.isDue;
      }
      if (idle && now - usedAt > RETIRE_NANOS) {
        retired = true;
        set.forEach(node::forget);
        return true;
      }
      counters.values().removeIf(counter -> isForgottenKey(counter, now));
      request = build(now);
    }
    node.send(this, request);
    return false;
  }

  /** Whether the counter is a key's that has been silent for long: then it goes. */
  private boolean isForgottenKey(Counter counter, long now) {
    String key = counter.name.counter();
    if (key.isEmpty() || !counter.isSilent(now, RETIRE_NANOS) || !counter.isOfKey) {
      return false;
    }
    counter.forget();
    set.forgetKey(key, node::forget);
    return true;
  }

  /** What is left to do when the monitor is free again. */
  private final class Aftermath {
    // Most of it is mostly empty: an answer to a call that waited is all there is to do.
    private @Nullable Admission only;
    private List<Admission> decided = List.of();
    List<LimitAlert> alerts = List.of();
    List<Runnable> runs = List.of();
    Map<Counter, QuotaBlockRequest> orders = Map.of();
    final List<QuotaBlockRequest> returns = new ArrayList<>(0);
    Set<CounterName> recalls = Set.of();
    Set<Counter> recalled = Set.of();
    @Nullable LeaseRequest request;

    void decided(Admission admission) {
      if (only == null) {
        only = admission;
      } else {
        decided = decided.isEmpty() ? new ArrayList<>() : decided;
        decided.add(admission);
      }
    }

    void alert(LimitAlert alert) {
      alerts = alerts.isEmpty() ? new ArrayList<>() : alerts;
      alerts.add(alert);
    }

    void order(Counter counter, QuotaBlockRequest order) {
      orders = orders.isEmpty() ? new HashMap<>() : orders;
      orders.put(counter, order);
    }

    void recall(Admission admission) {
      AppliedLimits limits = admission.applied();
      recalls = recalls.isEmpty() ? new HashSet<>() : recalls;
      recalled = recalled.isEmpty() ? new HashSet<>() : recalled;
      for (int i = 0; i < limits.counters.length; i++) {
        if (admission.isRefusing(i)) {
          recalls.add(limits.counters[i].name);
          recalled.add(limits.counters[i]);
        }
      }
    }

    /** Who waits for what was returned goes on when the roots have their part of it, too. */
    private void giveBack() {
      AtomicInteger missing = new AtomicInteger(returns.size() + 1);
      Runnable arrived =
          () -> {
            if (missing.decrementAndGet() == 0) {
              runs.forEach(Runnable::run);
            }
          };
      returns.forEach(units -> node.giveBack(units, arrived));
      arrived.run();
    }

    void go() {
      if (only != null) {
        only.proceed();
      }
      decided.forEach(Admission::proceed);
      alerts.forEach(node::alert);
      giveBack();
      BiConsumer<Counter, QuotaBlockRequest> order =
          (counter, ordered) ->
              node.order(
                  ordered,
                  block ->
                      blockCame(
                          counter,
                          ordered.requestId().substring(node.cluster().length() + 1),
                          block),
                  () -> blockFailed(counter, ordered));
      orders.forEach(order);
      if (!recalls.isEmpty()) {
        node.recall(tenant, recalls, TenantEscrow.this::recallDone);
      }
      node.send(TenantEscrow.this, request);
    }
  }
}
