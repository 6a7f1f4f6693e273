package io.tollgate.controlplane.web;

import java.time.Duration;

/**
 * How the server listens.
 *
 * @param host the address to bind
 * @param port 1 to 65535, or 0 for any free one
 * @param bodyLimit the largest request body, in bytes
 * @param idle after how long without a byte either way a connection is closed, unless a request of
 *     it is being worked on
 */
public record WebSettings(String host, int port, long bodyLimit, Duration idle) {
  private static final Duration USUAL_IDLE = Duration.ofSeconds(75);

  /** With the usual time to rest. */
  public WebSettings(String host, int port, long bodyLimit) {
    this(host, port, bodyLimit, USUAL_IDLE);
  }
}
