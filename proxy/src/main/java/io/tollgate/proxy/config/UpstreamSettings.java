package io.tollgate.proxy.config;

import java.time.Duration;
import java.util.List;

/**
 * One service behind the proxy.
 *
 * @param name what routes call it
 * @param endpoints its addresses, at least one
 * @param tls whether they speak TLS
 * @param balance how a call's address is chosen
 * @param timeouts waits
 * @param connections most open connections to each address from each event loop
 * @param pending most calls that wait for a free connection, per event loop
 * @param keepAlive an idle connection is closed after this
 * @param health how addresses are watched
 * @param breaker when calls stop being tried at all
 */
public record UpstreamSettings(
    String name,
    List<Endpoint> endpoints,
    boolean tls,
    Balance balance,
    Timeouts timeouts,
    int connections,
    int pending,
    Duration keepAlive,
    Health health,
    Breaker breaker) {
  /** How an address is chosen among several. */
  public enum Balance {
    /** In turn. */
    ROUND_ROBIN,
    /** The one with the fewest calls in flight, in turn among equals. */
    LEAST_REQUESTS
  }

  public UpstreamSettings {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("endpoints: at least one");
    }
  }
}
