package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits of all tenants on one node, spent from leases of the cells behind a {@link
 * LimitStore}. Thread-safe; starts no thread: {@link #tick} and {@link #sweep} are called from
 * outside.
 */
public final class LeasedLimits implements Limits {
  private final LimitStore store;
  private final LimitSettings settings;
  private final LongSupplier nanos;
  private final Consumer<LimitAlert> alerts;
  private final LimitFigures figures = new LimitFigures();
  private final ConcurrentHashMap<String, TenantEscrow> tenants = new ConcurrentHashMap<>();
  private final PlanTable plans = new PlanTable();
  private final Set<TenantEscrow> busy = ConcurrentHashMap.newKeySet();
  private final CommonLimits common = new CommonLimits();
  private final Holders holders = new Holders();
  private final SweepRounds rounds;
  private final AtomicLong sequence = new AtomicLong();

  /** How many counters may announce again what nobody kept. */
  private final AtomicInteger announcements = new AtomicInteger();

  private final Roots roots;

  /** Null while the node stays. */
  private volatile @Nullable Leaving leaving;

  /**
   * Limits on a store.
   *
   * @param store where the cells are
   * @param settings bounds and policies
   * @param nanos the node's monotonic clock, in nanoseconds; it goes on while the process is
   *     stopped
   * @param orders where blocks of hard quotas come from; null where the cells are their own root
   * @param alerts told of thresholds passed, which {@link #known} confirms; must not block
   */
  public LeasedLimits(
      LimitStore store,
      LimitSettings settings,
      LongSupplier nanos,
      @Nullable BlockOrders orders,
      Consumer<LimitAlert> alerts) {
    this.store = store;
    this.settings = settings;
    this.nanos = nanos;
    this.alerts = alerts;
    this.rounds = new SweepRounds(tenants, settings.leaseTtl().toNanos());
    this.roots = new Roots(orders, figures, nanos);
  }

  @Override
  public void admit(Call call, Continuation then) {
    long now = nanos.getAsLong();
    AppliedLimits applied = applied(call, now);
    Admission admission = call.admission();
    admission.begin(applied, now);
    if (admission.take(now)) {
      if (admission.runsLow()) {
        applied.escrow.replenish(admission, now);
      }
      then.decided(admission);
    } else if (admission.refusedForGood(now)) {
      then.decided(admission);
    } else {
      admitSlowly(applied, call, then, now);
    }
  }

  /** What applies to a call like one before is one load away; else it is worked out. */
  private AppliedLimits applied(Call call, long now) {
    if (call.before() instanceof AppliedLimits before && before.isFor(call)) {
      return before;
    }
    AppliedLimits known = plans.find(call.entitlements(), call.keyId(), call.demand());
    return known != null ? known : lookUp(call, now);
  }

  @SuppressWarnings("ReferenceEquality")
  private AppliedLimits lookUp(Call call, long now) {
    LimitSet set = open(call.entitlements(), now).set(call.entitlements());
    AppliedLimits found = set.applied(call.keyId(), call.demand());
    if (set.entitlements == call.entitlements()) {
      plans.put(found);
    }
    return found;
  }

  /** Superseded, or its tenant idle: nothing of it stays in memory. */
  void forget(AppliedLimits applied) {
    applied.supersede();
    plans.forget(applied);
  }

  private void admitSlowly(AppliedLimits applied, Call call, Continuation then, long now) {
    figures.waited();
    switch (applied.escrow.admitSlowly(call.admission(), then, now)) {
      case DECIDED -> then.decided(call.admission());
      case WAITS -> {
        // The continuation runs when the cell has answered.
      }
      case RETIRED -> {
        tenants.remove(call.entitlements().tenant(), applied.escrow);
        forget(applied);
        admit(call, then);
      }
      case STALE -> {
        applied.escrow.forget(applied);
        forget(applied);
        admit(call, then);
      }
    }
  }

  @Override
  public void changed(Entitlements entitlements) {
    TenantEscrow escrow = tenants.get(entitlements.tenant());
    if (escrow != null) {
      escrow.set(entitlements);
    }
  }

  /** What is due about every 10 ms: overdue calls, repetitions, waiting requests. */
  public void tick() {
    long now = nanos.getAsLong();
    // A copy, because an iterator may meet again what was just put back, round and round.
    for (TenantEscrow escrow : List.copyOf(busy)) {
      // Taken off first: what becomes busy meanwhile puts it on again.
      busy.remove(escrow);
      if (escrow.tick(now)) {
        busy.add(escrow);
      }
    }
    Leaving begun = leaving;
    if (begun != null) {
      begun.tick();
    }
  }

  /** What is due about every 500 ms: idle leases return, permits are renewed, idle tenants go. */
  public void sweep() {
    long now = nanos.getAsLong();
    holders.look(now);
    tenants.values().removeIf(escrow -> escrow.sweep(now));
    roots.tryReturns();
  }

  /**
   * The same in small pieces, one every {@link #tick}, so that calls on the same processor wait for
   * none of them: tenants whose limits count calls in flight are looked after every 500 ms, others
   * every fifth of a lease's life, at most every 2 s.
   *
   * @param pieces how many make up 500 ms
   */
  public void sweepOn(int pieces) {
    long now = nanos.getAsLong();
    if (rounds.begins(now, pieces)) {
      holders.look(now);
      roots.tryReturns();
    }
    rounds.goOn(now);
  }

  /**
   * Gives back what is unspent of some counters, because another node needs it.
   *
   * @param done run when the cells have it, at once where nothing is held
   */
  public void giveBack(String tenant, Set<CounterName> counters, Runnable done) {
    TenantEscrow escrow = tenants.get(tenant);
    if (escrow == null) {
      done.run();
    } else {
      escrow.giveBack(counters, done);
    }
  }

  /**
   * Says what was spent and gives back all that was not, before this node leaves; what was ordered
   * ahead and no other node holds goes back to the quotas' roots. Completes when cells and roots
   * have it. What passed a threshold is announced before.
   */
  public CompletableFuture<Void> leave() {
    Leaving begun = new Leaving(tenants.values(), nanos);
    leaving = begun;
    return begun.begin();
  }

  /** Cells were lost: tells them which permits this node holds, before they grant them again. */
  public void cellsLost() {
    tenants.values().forEach(TenantEscrow::tellPermits);
  }

  /** The control plane has an alert: no node need announce it again. From any thread. */
  public void known(LimitAlert alert) {
    TenantEscrow escrow = tenants.get(alert.tenant());
    if (escrow != null) {
      escrow.known(alert);
    }
  }

  /**
   * Nobody keeps an alert that was announced, because too many wait: its cell does, and it is
   * announced again when there is {@link #announceAgain room}. From any thread.
   */
  public void unheard(LimitAlert alert) {
    TenantEscrow escrow = tenants.get(alert.tenant());
    if (escrow != null) {
      escrow.unheard(alert);
    }
  }

  /**
   * There is room for alerts that nobody kept; the next sweeps announce them. From any thread.
   *
   * @param counters of how many counters, at least 0
   */
  public void announceAgain(int counters) {
    announcements.set(counters);
  }

  boolean mayAnnounceAgain() {
    return announcements.get() > 0 && announcements.getAndDecrement() > 0;
  }

  /** What this node's escrow did. */
  public LimitFigures figures() {
    return figures;
  }

  /**
   * A tenant's limits as this node knows them now; empty for a tenant without leases or calls here.
   */
  public List<LimitView> explain(String tenant) {
    TenantEscrow escrow = tenants.get(tenant);
    return escrow == null ? List.of() : escrow.explain();
  }

  /** Units this node may spend without asking, over all tenants; adds units of different meters. */
  public long outstanding() {
    return tenants.values().stream().mapToLong(TenantEscrow::outstanding).sum();
  }

  /** Tenants with leases or calls on this node, or lately so. */
  public int tenants() {
    return tenants.size();
  }

  private TenantEscrow open(Entitlements entitlements, long now) {
    TenantEscrow known = tenants.get(entitlements.tenant());
    return known != null
        ? known
        : tenants.computeIfAbsent(
            entitlements.tenant(), tenant -> new TenantEscrow(this, entitlements, now));
  }

  // What a tenant's escrow needs of its node.

  long now() {
    return nanos.getAsLong();
  }

  LimitSettings settings() {
    return settings;
  }

  int nodes() {
    return Math.max(1, store.nodes());
  }

  /** The limits of a tenant; those that others have as well are kept once. */
  List<CompiledLimit> compiled(Entitlements entitlements) {
    return common.shared(
        CompiledLimit.of(entitlements, roots.exist()).stream().map(common::shared).toList());
  }

  /** The same of limits that apply together. */
  CompiledLimit[] shared(CompiledLimit[] together) {
    return common.shared(together);
  }

  Roots roots() {
    return roots;
  }

  void watch(Taken taken) {
    holders.watch(taken);
  }

  void unwatch(Taken taken) {
    holders.unwatch(taken);
  }

  void busy(TenantEscrow escrow) {
    busy.add(escrow);
  }

  /** What is unique for ever of one of this node's requests. */
  String name(long ofSequence) {
    return store.node() + ":" + Long.toHexString(store.incarnation()) + ":" + ofSequence;
  }

  LeaseRequest request(String tenant, long version, boolean leaves, List<LeaseRequest.Item> items) {
    return new LeaseRequest(
        tenant,
        store.node(),
        store.incarnation(),
        sequence.incrementAndGet(),
        version,
        settings.leaseTtl().toMillis(),
        leaves,
        items);
  }

  void send(TenantEscrow escrow, @Nullable LeaseRequest request) {
    if (request == null) {
      return;
    }
    figures.requested();
    store.lease(
        request,
        new LimitStore.Answer() {
          @Override
          public void replied(LeaseReply reply) {
            escrow.replied(reply);
          }

          @Override
          public void failed(String why) {
            figures.requestFailed();
            escrow.failed();
          }
        });
  }

  void recall(String tenant, Set<CounterName> counters, Runnable done) {
    figures.recalled();
    store.recall(tenant, counters, done);
  }

  void alert(LimitAlert alert) {
    figures.alerted();
    alerts.accept(alert);
  }
}
