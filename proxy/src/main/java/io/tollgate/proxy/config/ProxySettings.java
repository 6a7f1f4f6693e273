package io.tollgate.proxy.config;

import io.tollgate.proxy.route.Routes;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
 * @param tracing where spans go; null where calls are not traced
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
    Engine engine,
    @Nullable TracingSettings tracing) {
  public ProxySettings {
    upstreams = Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
  }

  /** These settings with another's identification, upstreams and routes: what a reload swaps. */
  public ProxySettings with(ProxySettings newer) {
    return new ProxySettings(
        node,
        data,
        listener,
        admin,
        letterbox,
        controlPlane,
        cluster,
        enforcement,
        newer.identification,
        staleness,
        usage,
        newer.upstreams,
        newer.routes,
        engine,
        tracing);
  }

  /** The sections in which a newer file differs, and that wait for the next start. */
  public List<String> waiting(ProxySettings newer) {
    Map<String, Boolean> differs = new LinkedHashMap<>();
    differs.put("node", !node.equals(newer.node));
    differs.put("data", !data.equals(newer.data));
    differs.put("listener", !listener.equals(newer.listener));
    differs.put("admin", !admin.equals(newer.admin));
    differs.put("letterbox", !letterbox.equals(newer.letterbox));
    differs.put("control-plane", !controlPlane.equals(newer.controlPlane));
    differs.put("cluster", !cluster.equals(newer.cluster));
    differs.put("limits", !enforcement.equals(newer.enforcement));
    differs.put("staleness", !staleness.equals(newer.staleness));
    differs.put("usage", !usage.equals(newer.usage));
    differs.put("engine", !engine.equals(newer.engine));
    differs.put("tracing", !Objects.equals(tracing, newer.tracing));
    return differs.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
  }
}
