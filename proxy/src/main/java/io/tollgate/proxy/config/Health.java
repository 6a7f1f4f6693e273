package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * How an upstream's addresses are watched.
 *
 * @param path path of an active check by GET, 200 to 399 is healthy; empty for none
 * @param interval between active checks
 * @param failures failures in a row (to connect, to answer, or 502 to 504) that eject an address
 * @param ejection how long an ejected address gets no calls while another one is left
 */
public record Health(String path, Duration interval, int failures, Duration ejection) {
  /** No active check; five failures in a row eject for 10 s. */
  public static final Health DEFAULT =
      new Health("", Duration.ofSeconds(5), 5, Duration.ofSeconds(10));
}
