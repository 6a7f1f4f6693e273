package io.tollgate.examples.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitSettings;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What a decision costs on one thread when the node's leases suffice: three limits, tenants drawn
 * at random, so that each call's memory is as cold as so many tenants make it.
 */
final class LocalDecisions {
  private static final int BATCH = 64;
  private static final int BATCHES = 1 << 14;

  /** Calls that make a tenant's leases last for the measurement. */
  private static final int WARM_UP = 3_000;

  private final LeasedLimits limits;
  private final CellsAtHand cells;
  private final Entitlements[] tenants;
  private final Call call = new Call(Runnable::run);
  private final Continuation then = verdict -> verdict.ticket().keep();

  LocalDecisions(int tenants) {
    this.cells = new CellsAtHand(System::currentTimeMillis);
    this.limits =
        new LeasedLimits(
            cells,
            new LimitSettings(
                Duration.ofSeconds(1),
                StoreDown.CLOSED,
                Duration.ofMillis(400),
                Duration.ofMinutes(1)),
            System::nanoTime,
            null,
            alert -> {});
    this.tenants = Tenants.ample(tenants);
  }

  /**
   * Figures of the local decision.
   *
   * @param nanos median of batches
   * @param bytes allocated per decision
   * @param operations on the cells while it was measured
   */
  record Result(double nanos, double bytes, long operations) {}

  Result run(int rounds) {
    for (Entitlements tenant : tenants) {
      for (int i = 0; i < WARM_UP; i++) {
        decide(tenant);
      }
    }
    int[] order = new Random(1).ints(BATCH * BATCHES, 0, tenants.length).toArray();
    var unused = measure(order);
    List<Result> results = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      results.add(measure(order));
    }
    results.sort(Comparator.comparingDouble(Result::nanos));
    return results.get(rounds / 2);
  }

  private Result measure(int[] order) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long[] nanos = new long[BATCHES];
    long operations = cells.requests();
    long allocated = threads.getThreadAllocatedBytes(thread);
    for (int batch = 0; batch < BATCHES; batch++) {
      long began = System.nanoTime();
      for (int i = batch * BATCH; i < batch * BATCH + BATCH; i++) {
        decide(tenants[order[i]]);
      }
      nanos[batch] = System.nanoTime() - began;
    }
    long bytes = threads.getThreadAllocatedBytes(thread) - allocated;
    Arrays.sort(nanos);
    return new Result(
        (double) nanos[BATCHES / 2] / BATCH,
        (double) bytes / order.length,
        cells.requests() - operations);
  }

  private void decide(Entitlements tenant) {
    limits.admit(call.prepare(tenant, "", Tenants.ONE_CALL), then);
  }
}
