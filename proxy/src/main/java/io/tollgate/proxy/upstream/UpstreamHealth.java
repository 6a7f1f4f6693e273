package io.tollgate.proxy.upstream;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.tollgate.proxy.config.Breaker;
import io.tollgate.proxy.config.UpstreamSettings;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What all event loops know of the upstreams: addresses and breakers. Thread-safe. */
public final class UpstreamHealth {
  private static final int TRIES_HALF_OPEN = 5;

  private final Map<UpstreamSettings, KnownAddresses> addresses = new ConcurrentHashMap<>();
  private final Map<UpstreamSettings, CircuitBreaker> breakers = new ConcurrentHashMap<>();

  /** Knows nothing yet: every address is healthy, every breaker closed. */
  public UpstreamHealth() {}

  KnownAddresses of(UpstreamSettings settings) {
    return addresses.computeIfAbsent(settings, KnownAddresses::new);
  }

  CircuitBreaker breaker(UpstreamSettings settings) {
    return breakers.computeIfAbsent(settings, UpstreamHealth::open);
  }

  private static CircuitBreaker open(UpstreamSettings settings) {
    Breaker breaker = settings.breaker();
    CircuitBreakerConfig config =
        CircuitBreakerConfig.custom()
            .failureRateThreshold(Math.max(1, breaker.failurePercent()))
            .slidingWindow(
                breaker.calls(),
                breaker.calls(),
                CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
            .waitDurationInOpenState(breaker.openFor())
            .permittedNumberOfCallsInHalfOpenState(TRIES_HALF_OPEN)
            .build();
    CircuitBreaker made = CircuitBreaker.of(settings.name(), config);
    if (breaker.failurePercent() == 0) {
      made.transitionToDisabledState();
    }
    return made;
  }
}
