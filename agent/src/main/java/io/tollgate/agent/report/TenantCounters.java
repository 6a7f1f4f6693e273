package io.tollgate.agent.report;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's counters, a striped one per feature, which only ever rise. {@link #count} may be
 * called from any thread and does not allocate; the bookkeeping is the ledger's alone.
 */
public final class TenantCounters {
  final String tenant;
  private final LongAdder[] counters;
  private final long[] booked;
  private final @Nullable Total[] current;

  TenantCounters(String tenant, int features) {
    this.tenant = tenant;
    this.counters = new LongAdder[features];
    for (int feature = 0; feature < features; feature++) {
      counters[feature] = new LongAdder();
    }
    this.booked = new long[features];
    this.current = new Total[features];
  }

  /**
   * Counts one call.
   *
   * @param feature the feature's number
   */
  public void count(int feature) {
    counters[feature].increment();
  }

  int features() {
    return counters.length;
  }

  /** All calls of a feature so far. */
  long sum(int feature) {
    return counters[feature].sum();
  }

  /** How many calls of a feature no total holds yet. */
  long unbooked(int feature) {
    return counters[feature].sum() - booked[feature];
  }

  /** The total into which a feature's calls were booked last. */
  @Nullable Total current(int feature) {
    return current[feature];
  }

  /** Moves calls from the counter into a total. */
  void book(int feature, Total total, long calls) {
    current[feature] = total;
    booked[feature] += calls;
    total.units += calls;
  }
}
