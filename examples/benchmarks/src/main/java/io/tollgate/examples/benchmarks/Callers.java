package io.tollgate.examples.benchmarks;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.limit.hazelcast.LimitCluster;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls of one member, made by one thread, as an event loop makes them: who has to wait for the
 * cluster waits, and the others go on.
 */
final class Callers implements ClusterDecisions.Decider {
  private static final int IN_FLIGHT = 256;
  private static final int SOME = 1024;

  private final LimitCluster member;
  private final Entitlements[] tenants;
  private final AtomicLongArray admitted;
  private final Caller[] callers = new Caller[IN_FLIGHT];
  private final LongAdder refused = new LongAdder();
  private int next;
  private long seed = 1;

  Callers(LimitCluster member, Entitlements[] tenants) {
    this.member = member;
    this.tenants = tenants;
    this.admitted = new AtomicLongArray(tenants.length);
    for (int i = 0; i < callers.length; i++) {
      callers[i] = new Caller();
    }
  }

  /** One call in flight at a time. */
  private final class Caller implements Continuation {
    private final Call call = new Call(Runnable::run);
    private volatile boolean busy;
    private int tenant;

    @Override
    public void decided(Verdict verdict) {
      if (verdict.admitted()) {
        admitted.incrementAndGet(tenant);
      } else {
        refused.increment();
      }
      verdict.ticket().keep();
      busy = false;
    }
  }

  @Override
  public long decide() {
    for (int i = 0; i < SOME; i++) {
      one();
    }
    return SOME - refused.sumThenReset();
  }

  /** One call of the next tenant by chance. */
  void one() {
    Caller caller = callers[next];
    next = (next + 1) % callers.length;
    while (caller.busy) {
      LockSupport.parkNanos(10_000);
    }
    // A linear congruential generator: java.util's would cost as much as what is measured.
    seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
    caller.tenant = (int) ((seed >>> 33) % tenants.length);
    caller.busy = true;
    member
        .limits()
        .admit(caller.call.prepare(tenants[caller.tenant], "", Tenants.ONE_CALL), caller);
  }

  /** Until all calls are answered. */
  void await() {
    for (Caller caller : callers) {
      while (caller.busy) {
        LockSupport.parkNanos(100_000);
      }
    }
  }

  long admitted(int tenant) {
    return admitted.get(tenant);
  }
}
