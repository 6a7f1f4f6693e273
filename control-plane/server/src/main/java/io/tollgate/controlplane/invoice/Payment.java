package io.tollgate.controlplane.invoice;

import java.time.Instant;
import java.util.Objects;
import org.joda.money.Money;

/**
 * Money that came in for an invoice.
 *
 * @param invoice the invoice's id
 * @param amount over zero, in the invoice's currency
 * @param reference the payment's id; the same reference counts once, however often it is told
 * @param at when, by the tenant's clock
 */
public record Payment(String invoice, Money amount, String reference, Instant at) {
  public Payment {
    Objects.requireNonNull(invoice, "invoice");
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(at, "at");
    if (!amount.isPositive()) {
      throw new IllegalArgumentException("amount: over zero, not " + amount);
    }
  }
}
