package io.tollgate.proxy.forward;

import io.tollgate.proxy.config.UpstreamSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What all event loops know of the upstreams' addresses. Thread-safe. */
public final class UpstreamHealth {
  private final Map<String, List<AddressHealth>> byUpstream = new ConcurrentHashMap<>();

  /** Knows nothing yet: every address is healthy. */
  public UpstreamHealth() {}

  List<AddressHealth> of(UpstreamSettings settings) {
    return byUpstream.computeIfAbsent(
        settings.name(),
        name ->
            settings.endpoints().stream()
                .map(endpoint -> new AddressHealth(settings.health()))
                .toList());
  }
}
