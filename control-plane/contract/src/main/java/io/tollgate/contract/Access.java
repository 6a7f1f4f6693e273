package io.tollgate.contract;

/**
 * What a tenant's standing lets its calls do. Derived by the control plane, obeyed by the proxy.
 */
public enum Access {
  /** Reads and writes pass, within the limits. */
  FULL,
  /** Reads pass; writes are refused with 403. */
  READ_ONLY,
  /** Nothing passes. */
  NONE
}
