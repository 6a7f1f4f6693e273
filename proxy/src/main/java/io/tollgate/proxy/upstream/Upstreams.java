package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.UpstreamSettings;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The upstreams of one event loop, by name. Made and used on that event loop only. */
public final class Upstreams {
  private final Vertx vertx;
  private final NetClient client;
  private final Map<String, Upstream> upstreams = new HashMap<>();
  private final List<Upstream> retired = new ArrayList<>();

  /**
   * Upstreams for the calling event loop.
   *
   * @param vertx its Vert.x
   * @param settings by name
   * @param health what all event loops know of their addresses
   */
  public Upstreams(Vertx vertx, Map<String, UpstreamSettings> settings, UpstreamHealth health) {
    this.vertx = vertx;
    this.client = vertx.createNetClient(Connector.options());
    settings.forEach((name, upstream) -> upstreams.put(name, upstream(upstream, health)));
  }

  /**
   * The upstream of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Upstream get(String name) {
    Upstream upstream = upstreams.get(name);
    if (upstream == null) {
      throw new IllegalArgumentException("no upstream '" + name + "'");
    }
    return upstream;
  }

  /** Takes newer upstreams; calls under way end on the ones they began with. */
  public void reload(Map<String, UpstreamSettings> newer, UpstreamHealth health) {
    newer.forEach(
        (name, settings) -> {
          Upstream present = upstreams.get(name);
          if (present == null || !present.settings().equals(settings)) {
            upstreams.put(name, upstream(settings, health));
            if (present != null) {
              retired.add(present);
              present.closeResting();
            }
          }
        });
  }

  /** Ends waits that are over, and upstreams whose last call is. To be called often. */
  public void sweep(long now) {
    for (Upstream upstream : upstreams.values()) {
      upstream.sweep(now);
    }
    for (Upstream upstream : retired) {
      upstream.sweep(now);
    }
    retired.removeIf(Upstreams::isGone);
  }

  /** Closes what rests. */
  public void close() {
    upstreams.values().forEach(Upstream::closeResting);
    var unused = client.close();
  }

  private Upstream upstream(UpstreamSettings settings, UpstreamHealth health) {
    return new Upstream(new Connector(vertx, client, settings), settings, health);
  }

  private static boolean isGone(Upstream upstream) {
    if (!upstream.isEmpty()) {
      return false;
    }
    upstream.close();
    return true;
  }
}
