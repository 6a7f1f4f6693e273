package io.tollgate.controlplane.payment;

import java.util.Objects;
import org.joda.money.Money;

/**
 * An order to give money back.
 *
 * @param key our idempotency key, stored before sending
 * @param tenant to whom
 * @param invoice the invoice that was paid
 * @param reference the provider's name for the settled collection
 * @param amount more than zero, at most what was collected and not yet refunded
 */
public record RefundOrder(
    String key, String tenant, String invoice, String reference, Money amount) {
  public RefundOrder {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(invoice, "invoice");
    Objects.requireNonNull(reference, "reference");
    if (!amount.isPositive()) {
      throw new IllegalArgumentException("amount: more than zero, not " + amount);
    }
  }
}
