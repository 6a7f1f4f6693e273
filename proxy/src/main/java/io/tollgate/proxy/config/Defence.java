package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * Limits on what one caller may ask of the proxy.
 *
 * @param requestLineBytes longest request line, in bytes
 * @param headerBytes all header fields of a request together, in bytes
 * @param headerCount most header fields of a request
 * @param headerTimeout from the first byte of a head, or from the connection's opening, to the
 *     head's end
 * @param bodyRate fewest bytes a second, on average, of an HTTP/1.1 body with a length that has
 *     been coming for more than 10 s; 0 for any
 * @param idleTimeout a connection without a call, and an upgraded one without traffic, is closed
 * @param connections open client connections altogether
 * @param connectionsPerClient open connections of one client address
 * @param streams concurrent HTTP/2 streams of one connection
 * @param resets HTTP/2 streams that one connection may reset in 30 s
 * @param memoryBytes most bytes of calls that a slow side holds back; beyond, the longest are cut
 *     off
 */
public record Defence(
    int requestLineBytes,
    int headerBytes,
    int headerCount,
    Duration headerTimeout,
    long bodyRate,
    Duration idleTimeout,
    int connections,
    int connectionsPerClient,
    int streams,
    int resets,
    long memoryBytes) {
  /** The defaults of proxy/README.md. */
  public static final Defence DEFAULT =
      new Defence(
          8192,
          32_768,
          128,
          Duration.ofSeconds(10),
          64,
          Duration.ofSeconds(75),
          10_000,
          10_000,
          128,
          1_000,
          40L << 20);
}
