package io.tollgate.proxy.config;

import java.util.List;

/**
 * The Hazelcast cluster that holds the limits.
 *
 * @param role whether this proxy holds a share of the limits' cells itself
 * @param name proxies of one name share their limits
 * @param endpoint this member's host and port
 * @param members addresses of members, {@code host:port}; empty for a cluster of one
 */
public record ClusterSettings(Role role, String name, Endpoint endpoint, List<String> members) {
  /** What a proxy is to the cluster. */
  public enum Role {
    /** A member, which holds cells. */
    MEMBER,
    /** A client of a cluster of its own. */
    CLIENT
  }

  public ClusterSettings {
    members = List.copyOf(members);
  }
}
