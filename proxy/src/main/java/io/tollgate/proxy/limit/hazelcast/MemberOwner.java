package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.cluster.Cluster;
import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import io.tollgate.proxy.limit.Owner;

/**
 * The owner of a cell, as its member sees the cluster. Time is the cluster's, not the machine's.
 */
final class MemberOwner implements Owner {
  private final Cluster cluster;

  MemberOwner(HazelcastInstance hazelcast) {
    cluster = hazelcast.getCluster();
  }

  @Override
  public String id() {
    return cluster.getLocalMember().getUuid().toString();
  }

  @Override
  public long nowMillis() {
    return cluster.getClusterTime();
  }

  @Override
  public int nodes() {
    return cluster.getMembers().size();
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
