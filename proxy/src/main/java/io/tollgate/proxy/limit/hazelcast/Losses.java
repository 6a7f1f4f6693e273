package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.listener.MapPartitionLostListener;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/**
 * Which cells were lost a moment ago: those of a partition whose members are all gone, and all of
 * them where this member founded a cluster that clients of an earlier one come to. For that long
 * nodes have time to say which permits they hold. Thread-safe.
 */
final class Losses {
  /** A client tries to connect again each second, and then says at once what it holds. */
  static final Duration LEARNING = Duration.ofSeconds(5);

  private final long foundedAt;
  private final Map<Integer, Long> lostAt = new ConcurrentHashMap<>();
  private volatile long lastAt = Long.MIN_VALUE;

  private Losses(long foundedAt) {
    this.foundedAt = foundedAt;
  }

  /** As a member sees them, which has just joined or founded its cluster. */
  static Losses ofMember(HazelcastInstance hazelcast) {
    boolean founded = hazelcast.getCluster().getMembers().size() == 1;
    SteadyClock clock = SteadyClock.of(hazelcast);
    Losses losses = new Losses(founded ? clock.millis() : Long.MIN_VALUE);
    MapPartitionLostListener lost = event -> losses.lost(event.getPartitionId(), clock.millis());
    var unused = hazelcast.getMap(LimitCluster.CELLS).addPartitionLostListener(lost);
    return losses;
  }

  /** Has the node say what it holds when cells were lost. */
  static void tell(HazelcastInstance hazelcast, Runnable holder) {
    MapPartitionLostListener lost = event -> holder.run();
    var unused = hazelcast.getMap(LimitCluster.CELLS).addPartitionLostListener(lost);
  }

  private void lost(int partition, long now) {
    lostAt.put(partition, now);
    lastAt = now;
  }

  /**
   * Whether the cells of a partition are learning.
   *
   * @param now by the cluster's clock, milliseconds
   * @param clients whether some holders are clients, which outlive a cluster
   * @param partition asked where it matters, since finding it costs more than the answer
   */
  boolean isRecent(long now, boolean clients, IntSupplier partition) {
    if (clients && isRecent(foundedAt, now)) {
      return true;
    }
    if (!isRecent(lastAt, now)) {
      return false;
    }
    Long at = lostAt.get(partition.getAsInt());
    return at != null && isRecent(at, now);
  }

  private static boolean isRecent(long at, long now) {
    return at != Long.MIN_VALUE && now - at < LEARNING.toMillis();
  }
}
