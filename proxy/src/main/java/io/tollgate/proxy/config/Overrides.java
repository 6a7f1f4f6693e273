package io.tollgate.proxy.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says instead of the file. Null leaves what the file says.
 *
 * @param port the traffic's port
 * @param adminPort the operators' port
 * @param letterboxPort the agents' port
 * @param clusterPort the cluster's port
 * @param node the proxy's name
 * @param data the data directory
 */
public record Overrides(
    @Nullable Integer port,
    @Nullable Integer adminPort,
    @Nullable Integer letterboxPort,
    @Nullable Integer clusterPort,
    @Nullable String node,
    @Nullable Path data) {
  /** The settings with these in place of their own. */
  public ProxySettings apply(ProxySettings file) {
    Listener listener = file.listener();
    ClusterSettings cluster = file.cluster();
    return new ProxySettings(
        node == null ? file.node() : node,
        data == null ? file.data() : data,
        new Listener(
            with(listener.endpoint(), port),
            listener.tls(),
            listener.http2(),
            listener.proxyProtocol(),
            listener.trustedPeers(),
            listener.defence()),
        with(file.admin(), adminPort),
        with(file.letterbox(), letterboxPort),
        file.controlPlane(),
        new ClusterSettings(
            cluster.role(),
            cluster.name(),
            with(cluster.endpoint(), clusterPort),
            cluster.members()),
        file.enforcement(),
        file.identification(),
        file.staleness(),
        file.usage(),
        file.upstreams(),
        file.routes(),
        file.engine(),
        file.tracing());
  }

  private static Endpoint with(Endpoint endpoint, @Nullable Integer port) {
    return port == null ? endpoint : endpoint.withPort(port);
  }
}
