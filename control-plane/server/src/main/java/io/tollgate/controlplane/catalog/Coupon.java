package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * A coupon as it is offered; {@code discount} knows who redeemed it.
 *
 * @param code what the buyer types; unique in the catalog, compared without case
 * @param title for people; appears on invoices
 * @param percent off, over 0 to 100; null where an amount is taken off
 * @param amounts off, per currency; empty where a percentage is taken off
 * @param periods in how many of a subscription's periods it takes off: 1 is once, null for ever
 * @param plans keys of the plans it is for; empty for all
 * @param redemptions how often it can be redeemed in all; null for no bound
 * @param expires first instant at which it can no longer be redeemed; null for never
 * @param order where several apply, the lower one is taken off first
 * @param alone whether it refuses other coupons beside it
 */
public record Coupon(
    String code,
    String title,
    @Nullable BigDecimal percent,
    Map<CurrencyUnit, BigDecimal> amounts,
    @Nullable Integer periods,
    Set<String> plans,
    @Nullable Integer redemptions,
    @Nullable Instant expires,
    int order,
    boolean alone) {
  public Coupon {
    Objects.requireNonNull(code, "code");
    amounts = Catalog.ordered(amounts);
    plans = Set.copyOf(plans);
    if ((percent == null) == amounts.isEmpty()) {
      throw new IllegalArgumentException("a coupon takes off either a percentage or an amount");
    }
  }
}
