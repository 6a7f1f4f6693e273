package io.tollgate.proxy.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * A whole configuration file, checked. Immutable.
 *
 * @param node this proxy's name: the source of its usage and its name in the cluster
 * @param data directory of the journal and the copy of the entitlements
 * @param listener the traffic's port
 * @param admin the operators' port
 * @param letterbox the agents' port
 * @param controlPlane where entitlements come from
 * @param cluster who shares the limits
 * @param enforcement how limits are enforced
 * @param identification where the credential is
 * @param staleness what an old truth is worth
 * @param usage how counted units are kept
 * @param upstreams services by name, at least one
 * @param routes what calls are
 * @param engine threads and kernel
 */
public record ProxySettings(
    String node,
    Path data,
    Listener listener,
    Endpoint admin,
    Endpoint letterbox,
    ControlPlaneSettings controlPlane,
    ClusterSettings cluster,
    Enforcement enforcement,
    Identification identification,
    Staleness staleness,
    UsageSettings usage,
    Map<String, UpstreamSettings> upstreams,
    Routes routes,
    Engine engine) {
  public ProxySettings {
    upstreams = Map.copyOf(upstreams);
  }
}
