package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * What happens when the control plane has not been heard for too long.
 *
 * @param after silence longer than this makes entitlements stale
 * @param policy what stale entitlements are worth
 */
public record Staleness(Duration after, Policy policy) {
  /** What stale entitlements are worth. */
  public enum Policy {
    /** Go on with what was last known. */
    LAST_KNOWN,
    /** Admit every known tenant's call, metered, without limits. */
    OPEN,
    /** Refuse with 503. */
    CLOSED
  }

  /** An hour of silence; then still what was last known. */
  public static final Staleness DEFAULT = new Staleness(Duration.ofHours(1), Policy.LAST_KNOWN);
}
