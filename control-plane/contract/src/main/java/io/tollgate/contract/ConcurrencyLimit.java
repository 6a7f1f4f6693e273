package io.tollgate.contract;

import java.time.Duration;
import java.util.Objects;

/**
 * So many calls in flight at once.
 *
 * @param name unique among a tenant's limits
 * @param scope whose calls share the permits
 * @param permits at least 1
 * @param ttl after which a permit that was never given back returns by itself
 * @param over what happens when no permit is free
 * @param shadow decide and count, but never refuse
 * @param origin what it comes from: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
 */
public record ConcurrencyLimit(
    String name,
    Scope scope,
    long permits,
    Duration ttl,
    OverLimit over,
    boolean shadow,
    String origin) {
  public ConcurrencyLimit {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(over, "over");
    Objects.requireNonNull(origin, "origin");
    if (permits < 1) {
      throw new IllegalArgumentException("permits: at least 1, not " + permits);
    }
    if (ttl.isNegative() || ttl.isZero()) {
      throw new IllegalArgumentException("ttl: positive, not " + ttl);
    }
  }
}
