package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.cluster.Cluster;
import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.cell.Owner;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a cell, as its member sees the cluster. Time is the cluster's, not the machine's,
 * and steady.
 */
final class MemberOwner implements Owner {
  private final Cluster cluster;
  private final SteadyClock clock;
  private final @Nullable Holders holders;
  private final @Nullable CellFigures figures;
  private final HazelcastInstance hazelcast;
  private final String tenant;

  MemberOwner(HazelcastInstance hazelcast, String tenant) {
    this.hazelcast = hazelcast;
    this.tenant = tenant;
    cluster = hazelcast.getCluster();
    clock = SteadyClock.of(hazelcast);
    holders =
        hazelcast.getUserContext().get(LimitCluster.HOLDERS) instanceof Holders known
            ? known
            : null;
    figures =
        hazelcast.getUserContext().get(LimitCluster.BOOKS) instanceof CellFigures books
            ? books
            : null;
  }

  @Override
  public @Nullable CellFigures figures() {
    return figures;
  }

  @Override
  public String id() {
    return hazelcast.getUserContext().containsKey(Handover.LEAVING)
        ? ""
        : cluster.getLocalMember().getUuid().toString().intern(); // each cell keeps it
  }

  @Override
  public long nowMillis() {
    return clock.millis();
  }

  @Override
  public int nodes() {
    // Not known in the moments before this member has begun: then the members are.
    return holders == null ? cluster.getMembers().size() : holders.all();
  }

  @Override
  public boolean isLearning() {
    return hazelcast.getUserContext().get(LimitCluster.LOSSES) instanceof Losses losses
        && losses.isRecent(
            nowMillis(), holders != null && holders.areClientsAmong(), this::partition);
  }

  /** The tenant has no cells, for whatever reason. */
  void missing() {
    if (hazelcast.getUserContext().get(LimitCluster.LOSSES) instanceof Losses losses) {
      losses.missing(nowMillis(), this::partition);
    }
  }

  private int partition() {
    return hazelcast.getPartitionService().getPartition(tenant).getPartitionId();
  }

  /** Whether no other member keeps a copy of this one's cells. */
  boolean isAlone() {
    return cluster.getMembers().size() == 1;
  }

  @Override
  public boolean isMember(String id) {
    for (Member member : cluster.getMembers()) {
      if (member.getUuid().toString().equals(id)) {
        return true;
      }
    }
    return false;
  }
}
