package io.tollgate.proxy.config;

import java.time.Duration;
import java.util.Objects;

/**
 * Waits on an upstream. Each of them ends.
 *
 * @param connect for a TCP (and TLS) connection
 * @param response from the last byte of the request to the first of the response
 * @param idle between two pieces of a body, in either direction
 */
public record Timeouts(Duration connect, Duration response, Duration idle) {
  /** 2 s to connect, 30 s to the response's head, 60 s between pieces. */
  public static final Timeouts DEFAULT =
      new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofSeconds(60));

  public Timeouts {
    Objects.requireNonNull(connect, "connect");
    Objects.requireNonNull(response, "response");
    Objects.requireNonNull(idle, "idle");
  }
}
