package io.tollgate.proxy.config;

import java.nio.file.Path;
import java.util.regex.Pattern;
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
  /** What the file says. */
  public static final Overrides NONE = new Overrides(null, null, null, null, null, null);

  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  public Overrides {
    check("--port", port, 0);
    check("--admin-port", adminPort, 0);
    check("--letterbox-port", letterboxPort, 0);
    check("--cluster-port", clusterPort, 1);
    if (node != null && !NODE.matcher(node).matches()) {
      throw new IllegalArgumentException(
          "--node: at most 63 letters, digits, '.', '_' and '-', a letter or digit first, not '"
              + node
              + "'");
    }
  }

  private static void check(String option, @Nullable Integer port, int least) {
    if (port != null && (port < least || port > 65_535)) {
      throw new IllegalArgumentException(option + ": " + least + " to 65535, not " + port);
    }
  }

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
