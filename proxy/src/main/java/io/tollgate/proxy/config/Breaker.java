package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * When calls to an upstream stop being tried for a while, so that it can recover.
 *
 * @param failurePercent share of failed calls among the last ones that opens the breaker; 0 never
 *     does
 * @param calls how many last calls are looked at, and how many there must have been
 * @param openFor how long no call is tried; then a few are
 */
public record Breaker(int failurePercent, int calls, Duration openFor) {
  /** More than half of the last 100 calls failed: 5 s of rest. */
  public static final Breaker DEFAULT = new Breaker(50, 100, Duration.ofSeconds(5));
}
