package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;

/**
 * A member of a dedicated limit cluster: holds cells for proxies that are its clients, and takes no
 * calls itself. Thread-safe.
 */
public final class LimitMember implements AutoCloseable {
  private final HazelcastInstance hazelcast;

  private LimitMember(HazelcastInstance hazelcast) {
    this.hazelcast = hazelcast;
  }

  /**
   * Joins the cluster, or founds it when no member answers. Blocks until joined.
   *
   * @throws IllegalStateException when the port is taken or the cluster cannot be joined
   */
  public static LimitMember join(ClusterSettings settings) {
    Config config = MemberConfig.of(settings);
    config.getMemberAttributeConfig().setAttribute(Holders.CELLS_ONLY, "true");
    HazelcastInstance hazelcast = Hazelcast.newHazelcastInstance(config);
    hazelcast.getUserContext().put(LimitCluster.HOLDERS, Holders.ofMember(hazelcast));
    hazelcast.getUserContext().put(LimitCluster.LOSSES, Losses.ofMember(hazelcast));
    return new LimitMember(hazelcast);
  }

  /** Hands its cells to the other members and leaves. */
  @Override
  public void close() {
    Handover.of(hazelcast);
    hazelcast.shutdown();
  }
}
