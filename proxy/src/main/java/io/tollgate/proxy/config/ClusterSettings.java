package io.tollgate.proxy.config;

import java.util.List;

/**
 * The Hazelcast cluster that holds the limits.
 *
 * @param name proxies of one name share their limits
 * @param endpoint this member's host and port
 * @param members addresses of members, {@code host:port}; empty for a cluster of one
 */
public record ClusterSettings(String name, Endpoint endpoint, List<String> members) {
  public ClusterSettings {
    members = List.copyOf(members);
  }
}
