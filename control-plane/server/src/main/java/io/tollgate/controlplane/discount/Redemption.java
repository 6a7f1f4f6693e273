package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.catalog.Coupon;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A coupon in use by a subscription. It takes off periods that begin from {@code from} on, as many
 * as the coupon says: their fees, their usage and the changes inside them.
 *
 * @param id {@code cpn_...}
 * @param tenant whose subscription it is
 * @param subscription the subscription's id
 * @param coupon as it was offered when it was redeemed
 * @param from first instant
 * @param until first instant at which it no longer holds; null where its periods are counted
 */
public record Redemption(
    String id,
    String tenant,
    String subscription,
    Coupon coupon,
    Instant from,
    @Nullable Instant until) {
  /** Whether a period that begins at the instant may be lowered. */
  public boolean holdsAt(Instant instant) {
    return !instant.isBefore(from) && (until == null || instant.isBefore(until));
  }
}
