package io.tollgate.proxy.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service behind the proxy.
 *
 * @param name what routes call it
 * @param endpoints its addresses, at least one
 * @param tls how they speak TLS; null for clear text
 * @param protocol which HTTP is spoken to them
 * @param balance how a call's address is chosen
 * @param timeouts waits
 * @param connections most open connections to each address from each event loop
 * @param pending most calls that wait for a free connection, per event loop
 * @param keepAlive an idle connection is closed after this
 * @param health how addresses are watched
 * @param breaker when calls stop being tried at all
 * @param retries how many calls may be sent once more
 */
public record UpstreamSettings(
    String name,
    List<Endpoint> endpoints,
    @Nullable UpstreamTls tls,
    Protocol protocol,
    Balance balance,
    Timeouts timeouts,
    int connections,
    int pending,
    Duration keepAlive,
    Health health,
    Breaker breaker,
    Retries retries) {
  /** How an address is chosen among several. */
  public enum Balance {
    /** In turn. */
    ROUND_ROBIN,
    /** The one with the fewest calls in flight, in turn among equals. */
    LEAST_REQUESTS
  }

  /** Which HTTP is spoken. */
  public enum Protocol {
    /**
     * With TLS what the upstream chooses (ALPN); in clear text HTTP/1.1, but gRPC, which knows no
     * other, by HTTP/2 with prior knowledge.
     */
    AUTO,
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2: with TLS by ALPN, in clear text with prior knowledge (RFC 9113, section 3.3). */
    HTTP2
  }

  public UpstreamSettings {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("endpoints: at least one");
    }
  }
}
