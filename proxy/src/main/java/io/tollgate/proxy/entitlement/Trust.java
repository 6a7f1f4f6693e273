package io.tollgate.proxy.entitlement;

/** How far what is known of the tenants may be relied on now. */
public enum Trust {
  /** The control plane was heard of recently, or what was last known is to hold. */
  HOLDS,
  /** Stale, and the settings say to let every call pass without limits. */
  OPEN,
  /** Stale, and the settings say to refuse every call with 503. */
  CLOSED
}
