package io.tollgate.proxy.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * The limits that apply to the calls of one route and key, in arrays. Taking from all of them or
 * from none is a loop over compare-and-sets. Immutable but for the counters it refers to.
 */
final class AppliedLimits {
  final Demand demand;
  final String keyId;
  final CompiledLimit[] limits;
  final Counter[] counters;
  final long[] weights;
  final String policyField;

  /** Whether one of them counts calls in flight, so that a call's end matters. */
  final boolean holdsPermits;

  private AppliedLimits(
      Demand demand, String keyId, CompiledLimit[] limits, Counter[] counters, long[] weights) {
    this.demand = demand;
    this.keyId = keyId;
    this.limits = limits;
    this.counters = counters;
    this.weights = weights;
    this.policyField = PolicyField.of(limits);
    boolean permits = false;
    for (CompiledLimit limit : limits) {
      permits |= limit.definition().kind() == Kind.CONCURRENCY;
    }
    this.holdsPermits = permits;
  }

  static AppliedLimits of(
      List<CompiledLimit> limits,
      String keyId,
      Demand demand,
      BiFunction<CompiledLimit, String, Counter> counters) {
    List<CompiledLimit> applying = new ArrayList<>(limits.size());
    for (CompiledLimit limit : limits) {
      if (limit.weight(demand) > 0) {
        applying.add(limit);
      }
    }
    int size = applying.size();
    Counter[] found = new Counter[size];
    long[] weights = new long[size];
    for (int i = 0; i < size; i++) {
      CompiledLimit limit = applying.get(i);
      found[i] = counters.apply(limit, limit.counter(keyId));
      weights[i] = limit.weight(demand);
    }
    return new AppliedLimits(demand, keyId, applying.toArray(new CompiledLimit[0]), found, weights);
  }

  /**
   * Takes each weight from the counter's lease and notes the leases; or takes nothing.
   *
   * @param justGranted whether the leases were granted for calls that waited: a window that ends
   *     while the answer is on its way does not refuse them
   */
  boolean take(Lease[] from, long now, boolean justGranted) {
    for (int i = 0; i < counters.length; i++) {
      Lease lease = counters[i].lease();
      boolean holds =
          lease.holdsAt(now) || (justGranted && lease.windowStart != CounterCell.NO_WINDOW);
      if (!holds || lease.take(weights[i]) < 0) {
        giveBack(from, i);
        return false;
      }
      from[i] = lease;
    }
    return true;
  }

  private void giveBack(Lease[] from, int taken) {
    for (int i = 0; i < taken; i++) {
      if (!from[i].giveBack(weights[i])) {
        counters[i].returnLate(from[i].windowStart, weights[i]);
      }
    }
  }

  /** A counter whose lease runs low and for which nobody asked yet; -1 for none. */
  int runningLow(Lease[] taken) {
    for (int i = 0; i < counters.length; i++) {
      Lease lease = taken[i];
      if (lease.lowWater > 0 && !lease.asked && lease.available() < lease.lowWater) {
        return i;
      }
    }
    return -1;
  }
}
