package io.tollgate.proxy.decision;

import java.util.Locale;

/** Why a call was refused; the label of the refusal counter. */
public enum Reason {
  /** No credential, or one nobody knows. */
  UNKNOWN_TENANT,
  /** The tenant's identity or entitlements could not be had in time. */
  UNAVAILABLE,
  /** The tenant's standing lets nothing pass. */
  BLOCKED,
  /** The tenant's standing lets only reads pass. */
  READ_ONLY,
  /** The plan does not have the feature. */
  FEATURE,
  /** A rate is spent. */
  RATE,
  /** A quota is spent. */
  QUOTA,
  /** Too many calls in flight. */
  CONCURRENCY,
  /** The limits could not be asked in time and the policy refuses. */
  LIMITS_UNAVAILABLE;

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The reason in a problem's type, such as {@code read-only}. */
  public String word() {
    return word;
  }
}
