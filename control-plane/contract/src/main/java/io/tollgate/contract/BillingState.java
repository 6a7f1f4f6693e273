package io.tollgate.contract;

/** Where a tenant stands between trial and termination (documents 001, 002 and 004). */
public enum BillingState {
  TRIAL,
  ACTIVE,
  PAST_DUE,
  GRACE,
  READ_ONLY,
  PAUSED,
  SUSPENDED,
  CANCELLED,
  EXPIRED,
  TERMINATED,
  /** A tenant without any subscription. */
  NONE
}
