package io.tollgate.contract;

import java.time.Duration;
import java.util.Objects;

/**
 * A token bucket: it holds {@code burst} units and refills {@code amount} units per {@code per},
 * continuously.
 *
 * @param name unique among a tenant's limits; appears in {@code RateLimit} fields and problems
 * @param meter the meter whose weight a call takes from the bucket
 * @param scope whose calls share the bucket
 * @param amount units refilled per {@code per}, at least 1
 * @param per from one second to one day
 * @param burst the bucket's size in units, at least 1
 * @param over what happens when the bucket is short
 * @param shadow decide and count, but never refuse
 * @param origin what it comes from: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
 */
public record RateLimit(
    String name,
    String meter,
    Scope scope,
    long amount,
    Duration per,
    long burst,
    OverLimit over,
    boolean shadow,
    String origin) {
  public RateLimit {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(over, "over");
    Objects.requireNonNull(origin, "origin");
    if (amount < 1) {
      throw new IllegalArgumentException("amount: at least 1, not " + amount);
    }
    if (burst < 1) {
      throw new IllegalArgumentException("burst: at least 1, not " + burst);
    }
    if (per.compareTo(Duration.ofSeconds(1)) < 0 || per.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("per: one second to one day, not " + per);
    }
  }
}
