package io.tollgate.contract;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * So many units of a meter in each window.
 *
 * @param name unique among a tenant's limits; appears in {@code RateLimit} fields and problems
 * @param meter the meter whose weight a call takes
 * @param scope whose calls share the counter
 * @param amount units per window, at least 0
 * @param window when the counter begins anew; null for a lifetime quota
 * @param over what happens at the limit
 * @param shadow decide and count, but never refuse
 * @param origin what it comes from: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
 */
public record QuotaLimit(
    String name,
    String meter,
    Scope scope,
    long amount,
    @Nullable Recurrence window,
    OverLimit over,
    boolean shadow,
    String origin) {
  public QuotaLimit {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(over, "over");
    Objects.requireNonNull(origin, "origin");
    if (amount < 0) {
      throw new IllegalArgumentException("amount: at least 0, not " + amount);
    }
  }
}
