package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.catalog.Coupon;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A coupon in use by a subscription. It takes off every invoice made from {@code from} on and
 * before {@code until}: as many periods' invoices as the coupon says, and the changes inside those
 * periods.
 *
 * @param id {@code cpn_...}
 * @param tenant whose subscription it is
 * @param subscription the subscription's id
 * @param coupon as it was offered when it was redeemed
 * @param from first instant
 * @param until first instant at which it no longer holds; null for ever
 */
public record Redemption(
    String id,
    String tenant,
    String subscription,
    Coupon coupon,
    Instant from,
    @Nullable Instant until) {
  /** Whether an invoice made at the instant is lowered. */
  public boolean holdsAt(Instant instant) {
    return !instant.isBefore(from) && (until == null || instant.isBefore(until));
  }
}
