package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * Limits on what one caller may ask of the proxy.
 *
 * @param requestLineBytes longest request line, in bytes
 * @param headerBytes all header fields of a request together, in bytes
 * @param headerCount most header fields of a request
 * @param idleTimeout a connection without traffic in either direction is closed, but never before
 *     an upstream's own timeouts have had their time
 * @param connections open client connections altogether
 * @param connectionsPerClient open connections of one client address
 * @param streams concurrent HTTP/2 streams of one connection
 */
public record Defence(
    int requestLineBytes,
    int headerBytes,
    int headerCount,
    Duration idleTimeout,
    int connections,
    int connectionsPerClient,
    int streams) {
  /** The defaults of proxy/README.md. */
  public static final Defence DEFAULT =
      new Defence(8192, 32_768, 128, Duration.ofSeconds(75), 10_000, 10_000, 128);
}
