package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import java.util.function.LongSupplier;

/**
 * The cluster's clock without its jumps, as one member sees it. Hazelcast sets a member's
 * difference to the master's clock from each heartbeat it hears; a heartbeat that waited while the
 * member was stopped sets it back by as long, and the next one forward again. An owner that went by
 * that would take leases for run out that their nodes still use. This clock goes by the machine's
 * monotonic one and follows the cluster's by at most one part in 1,024: far less than an owner
 * waits beyond a lease's end. Thread-safe.
 */
final class SteadyClock {
  private static final String KEY = "tollgate.clock";
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int FOLLOWS = 10;

  private final LongSupplier nanos;
  private final LongSupplier clusterMillis;
  private long askedAt;
  private long time;

  /**
   * Begins at the cluster's time.
   *
   * @param nanos a monotonic clock, nanoseconds
   * @param clusterMillis the cluster's clock, milliseconds
   */
  SteadyClock(LongSupplier nanos, LongSupplier clusterMillis) {
    this.nanos = nanos;
    this.clusterMillis = clusterMillis;
    askedAt = nanos.getAsLong();
    time = clusterMillis.getAsLong() * NANOS_PER_MILLI;
  }

  /** The one clock of a member. */
  static SteadyClock of(HazelcastInstance hazelcast) {
    return (SteadyClock)
        hazelcast
            .getUserContext()
            .computeIfAbsent(
                KEY,
                key -> new SteadyClock(System::nanoTime, hazelcast.getCluster()::getClusterTime));
  }

  /** Milliseconds; never less than before. */
  synchronized long millis() {
    long now = nanos.getAsLong();
    long elapsed = now - askedAt;
    askedAt = now;
    long most = elapsed >> FOLLOWS;
    long behind = clusterMillis.getAsLong() * NANOS_PER_MILLI - (time + elapsed);
    time += elapsed + Math.clamp(behind, -most, most);
    return Math.floorDiv(time, NANOS_PER_MILLI);
  }
}
