package io.tollgate.proxy.config;

import java.util.List;

/**
 * The Hazelcast cluster that holds the limits.
 *
 * @param name proxies of one name share their limits
 * @param role whether this proxy holds cells itself
 * @param endpoint this member's host and port
 * @param members addresses of members, {@code host:port}; empty for a cluster of one
 */
public record ClusterSettings(String name, Role role, Endpoint endpoint, List<String> members) {
  /** How a proxy takes part. */
  public enum Role {
    /** Embedded: it holds its share of the cells. */
    MEMBER,
    /** It uses a dedicated cluster. */
    CLIENT
  }

  public ClusterSettings {
    members = List.copyOf(members);
  }
}
