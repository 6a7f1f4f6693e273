package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.cluster.Cluster;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.listener.MapPartitionLostListener;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * Which cells were lost a moment ago: those of a partition whose members are all gone, and all of
 * them where this member founded a cluster that clients of an earlier one come to. For that long
 * nodes have time to say which permits they hold. Thread-safe.
 */
final class Losses {
  /** A client tries to connect again each second, and then says at once what it holds. */
  static final Duration LEARNING = Duration.ofSeconds(5);

  /** Hazelcast tells of a loss later than it serves what is left: by milliseconds, or a pause. */
  private static final long TOLD_LATE_MILLIS = 1_000;

  private final long foundedAt;
  private final Cluster cluster;
  private final Map<Integer, Long> lostAt = new ConcurrentHashMap<>();
  private final AtomicLong lastAt = new AtomicLong(Long.MIN_VALUE);

  /** The members when somebody last joined or left, as far as this one was told. */
  private volatile Set<Member> members;

  private volatile long leftAt = Long.MIN_VALUE;

  private Losses(Cluster cluster, long foundedAt) {
    this.cluster = cluster;
    this.foundedAt = foundedAt;
    members = cluster.getMembers();
  }

  /** As a member sees them, which has just joined or founded its cluster. */
  static Losses ofMember(HazelcastInstance hazelcast) {
    boolean founded = hazelcast.getCluster().getMembers().size() == 1;
    SteadyClock clock = SteadyClock.of(hazelcast);
    Losses losses = new Losses(hazelcast.getCluster(), founded ? clock.millis() : Long.MIN_VALUE);
    hazelcast.getCluster().addMembershipListener(losses.new Comings(clock));
    onLoss(hazelcast, event -> losses.learn(event.getPartitionId(), clock.millis()));
    return losses;
  }

  /** Has the node say what it holds when cells were lost. */
  static void tell(HazelcastInstance hazelcast, Runnable holder) {
    onLoss(hazelcast, event -> holder.run());
  }

  private static void onLoss(HazelcastInstance hazelcast, MapPartitionLostListener listener) {
    var unused = hazelcast.getMap(LimitCluster.CELLS).addPartitionLostListener(listener);
  }

  /**
   * A tenant has no cells here. Where a member left a moment ago they may have gone with it, which
   * this one has not been told yet: then their partition learns until it would have been.
   *
   * @param now by the cluster's clock, milliseconds
   */
  void missing(long now, IntSupplier partition) {
    long left = cluster.getMembers().containsAll(members) ? leftAt : now;
    if (left == Long.MIN_VALUE || now - left >= TOLD_LATE_MILLIS) {
      return;
    }
    long began = now - LEARNING.toMillis() + TOLD_LATE_MILLIS;
    learn(partition.getAsInt(), began);
  }

  private void learn(int partition, long since) {
    lostAt.merge(partition, since, Math::max);
    lastAt.accumulateAndGet(since, Math::max);
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
    if (!isRecent(lastAt.get(), now)) {
      return false;
    }
    Long at = lostAt.get(partition.getAsInt());
    return at != null && isRecent(at, now);
  }

  private static boolean isRecent(long at, long now) {
    return at != Long.MIN_VALUE && now - at < LEARNING.toMillis();
  }

  private final class Comings implements MembershipListener {
    private final SteadyClock clock;

    Comings(SteadyClock clock) {
      this.clock = clock;
    }

    @Override
    public void memberAdded(MembershipEvent event) {
      members = event.getMembers();
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
      leftAt = clock.millis();
      members = event.getMembers();
    }
  }
}
