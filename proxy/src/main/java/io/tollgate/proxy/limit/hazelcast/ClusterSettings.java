package io.tollgate.proxy.limit.hazelcast;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How this proxy joins the limit cluster. Community Hazelcast has neither TLS nor authentication:
 * the address belongs on a private network.
 *
 * @param cluster the cluster's name; members of another name are refused
 * @param node this node's name, unique in the cluster
 * @param host the address to bind and to be known by
 * @param port the port to bind, 1 to 65535; taken as it is, never the next free one
 * @param members {@code host:port} of members to join; the own one may be among them; empty for a
 *     cluster of one
 * @param callTimeout after which an operation on the cluster counts as failed: 100 ms to 10 s
 */
public record ClusterSettings(
    String cluster,
    String node,
    String host,
    int port,
    List<String> members,
    Duration callTimeout) {
  public ClusterSettings {
    Objects.requireNonNull(cluster, "cluster");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(host, "host");
    members = List.copyOf(members);
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: 1 to 65535, not " + port);
    }
    if (callTimeout.compareTo(Duration.ofMillis(100)) < 0
        || callTimeout.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException("callTimeout: 100 ms to 10 s, not " + callTimeout);
    }
  }
}
