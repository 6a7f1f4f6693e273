package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * How limits are enforced.
 *
 * @param answerWithin bound on an admission that has to ask the cluster
 * @param storeDown what an admission is worth when the cluster does not answer in that time
 * @param leaseFor how much of a tenant's present demand a lease covers
 * @param leaseTtl after which a lease that was not renewed is void
 * @param callTimeout after which an operation on the cluster counts as failed
 * @param blockedStatus status for a tenant whose standing lets nothing pass: 402 or 403
 * @param quotaStatus status for a spent quota: 402, 403 or 429
 */
public record Enforcement(
    Duration answerWithin,
    StoreDown storeDown,
    Duration leaseFor,
    Duration leaseTtl,
    Duration callTimeout,
    int blockedStatus,
    int quotaStatus) {
  /** What an admission is worth without the cluster. */
  public enum StoreDown {
    /** Admit and count. */
    OPEN,
    /** Refuse with 503. */
    CLOSED,
    /** Admit this node's share of a rate; refuse quotas and permits. */
    FAIR_SHARE
  }

  /** The defaults of proxy/README.md. */
  public static final Enforcement DEFAULT =
      new Enforcement(
          Duration.ofSeconds(1),
          StoreDown.CLOSED,
          Duration.ofMillis(400),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          402,
          429);
}
