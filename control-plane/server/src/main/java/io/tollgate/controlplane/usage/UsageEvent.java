package io.tollgate.controlplane.usage;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Usage that someone reports by the API.
 *
 * @param tenant whose
 * @param meter of what: a meter's or an entitlement's key
 * @param delta units; negative takes back what was reported before, as when a file is deleted
 * @param id makes the report idempotent within its tenant, for ever; null for none
 * @param at when the units were used; null for now
 */
public record UsageEvent(
    String tenant, String meter, long delta, @Nullable String id, @Nullable Instant at) {
  /** The most units of one event, either way. */
  public static final long MOST = 1L << 48;

  public UsageEvent {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(meter, "meter");
    if (delta < -MOST || delta > MOST) {
      throw new IllegalArgumentException("delta: " + -MOST + " to " + MOST);
    }
  }
}
