package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.ClusterSettings.Role;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.yaml.YamlMap;
import java.util.ArrayList;
import java.util.List;

/** The ports a proxy opens, held against each other and against what it calls. */
final class Ports {
  private record Port(String key, Endpoint endpoint) {}

  private Ports() {}

  static void check(YamlMap root, ProxySettings settings) {
    List<Port> ports = new ArrayList<>();
    ports.add(new Port("listener", settings.listener().endpoint()));
    ports.add(new Port("admin", settings.admin()));
    ports.add(new Port("letterbox", settings.letterbox()));
    if (settings.cluster().role() == Role.MEMBER) {
      ports.add(new Port("cluster", settings.cluster().endpoint()));
    }
    for (int i = 1; i < ports.size(); i++) {
      for (Port other : ports.subList(0, i)) {
        apart(root, other, ports.get(i));
      }
    }
    for (UpstreamSettings upstream : settings.upstreams().values()) {
      notItself(root, upstream, settings.listener().endpoint());
    }
  }

  /** Each of them would be taken already when the second is opened. */
  private static void apart(YamlMap root, Port one, Port other) {
    if (one.endpoint().overlaps(other.endpoint())) {
      String key = root.has(other.key()) ? other.key() : one.key();
      String both = one.key() + ".port and " + other.key() + ".port are both ";
      throw root.mistake(key, both + one.endpoint().port() + ": each needs its own");
    }
  }

  /** A call would come back for ever. */
  private static void notItself(YamlMap root, UpstreamSettings upstream, Endpoint listener) {
    for (Endpoint address : upstream.endpoints()) {
      if (address.isLoopback() && address.overlaps(listener)) {
        throw root.value("upstreams")
            .map()
            .mistake(
                upstream.name(), "the address " + address + " is the proxy's own: listener.port");
      }
    }
  }
}
