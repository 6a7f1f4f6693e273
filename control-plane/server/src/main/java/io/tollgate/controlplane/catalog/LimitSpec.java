package io.tollgate.controlplane.catalog;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.Scope;
import java.time.Duration;

/**
 * A limit as a plan states it; {@code entitlement} turns it into the contract's limits for one
 * tenant. Never absent by accident: where one plan of a product has a limit of some name, each plan
 * of the product must have it, if only as {@link Unlimited}.
 */
public sealed interface LimitSpec {
  /** Unique in the plan. */
  String name();

  /** A token bucket of {@code burst} units that refills {@code amount} units per {@code per}. */
  record Rate(
      String name,
      String meter,
      Scope scope,
      long amount,
      Duration per,
      long burst,
      OverLimit over,
      boolean shadow)
      implements LimitSpec {}

  /** So many units in each window. */
  record Quota(
      String name,
      String meter,
      Scope scope,
      long amount,
      Window window,
      OverLimit over,
      boolean shadow)
      implements LimitSpec {}

  /** So many calls in flight; a permit never given back returns after {@code ttl}. */
  record Concurrency(
      String name, Scope scope, long permits, Duration ttl, OverLimit over, boolean shadow)
      implements LimitSpec {}

  /** No bound, said on purpose. */
  record Unlimited(String name) implements LimitSpec {}

  /** When a quota begins anew. */
  enum Window {
    /** Each hour from the subscription's anchor. */
    HOUR,
    /** Each local day from midnight in the tenant's billing zone. */
    DAY,
    /** Each month from the subscription's anchor, also where the billing cycle is longer. */
    MONTH,
    /** Each calendar month in the tenant's billing zone. */
    CALENDAR_MONTH,
    /** Each billing period. */
    BILLING_PERIOD,
    /** Never. */
    LIFETIME
  }
}
