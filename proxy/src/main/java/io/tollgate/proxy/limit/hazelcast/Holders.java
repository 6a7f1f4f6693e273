package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.client.Client;
import com.hazelcast.client.ClientListener;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;

/**
 * How many nodes may hold leases: members that are proxies, and proxies that are clients. Kept here
 * because every lease asks, and counting them costs more than the lease's arithmetic. Thread-safe.
 */
final class Holders implements MembershipListener, ClientListener {
  /** A member's attribute that says that it holds cells only. */
  static final String CELLS_ONLY = "tollgate-cells-only";

  private final HazelcastInstance hazelcast;
  private volatile int all = 1;
  private volatile int clients;

  private Holders(HazelcastInstance hazelcast) {
    this.hazelcast = hazelcast;
  }

  /** As a member counts them. */
  static Holders ofMember(HazelcastInstance hazelcast) {
    Holders holders = new Holders(hazelcast);
    hazelcast.getCluster().addMembershipListener(holders);
    hazelcast.getClientService().addClientListener(holders);
    holders.count();
    return holders;
  }

  /** As a client was told; {@link #tell} tells. */
  static Holders ofClient(HazelcastInstance hazelcast) {
    Holders holders = new Holders(hazelcast);
    holders.clients = 1;
    return holders;
  }

  /** Nodes that may hold leases, at least 1. */
  int all() {
    return all;
  }

  /** Whether some of them are clients, which run no tasks of others. */
  boolean areClientsAmong() {
    return clients > 0;
  }

  void tell(int howMany) {
    all = Math.max(1, howMany);
  }

  private void count() {
    int proxies = 0;
    for (Member member : hazelcast.getCluster().getMembers()) {
      proxies += member.getAttribute(CELLS_ONLY) == null ? 1 : 0;
    }
    int connected = hazelcast.getClientService().getConnectedClients().size();
    clients = connected;
    all = Math.max(1, proxies + connected);
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    count();
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    count();
  }

  @Override
  public void clientConnected(Client client) {
    count();
  }

  @Override
  public void clientDisconnected(Client client) {
    count();
  }
}
