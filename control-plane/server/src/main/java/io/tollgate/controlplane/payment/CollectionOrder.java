package io.tollgate.controlplane.payment;

import java.util.Objects;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An order to collect one invoice's open amount.
 *
 * @param key our idempotency key, made and stored before anything was sent
 * @param tenant who owes
 * @param invoice the invoice's id
 * @param number the invoice's number, for the payer's statement
 * @param amount what is open, more than zero
 * @param customer the provider's customer, from {@link PaymentProvider#ensureCustomer}
 * @param reference the provider's name for an earlier collection of the same invoice; null if none
 *     is known
 * @param attempt 1 for the first attempt at this invoice; from 2 on, a collection may exist that we
 *     never heard of
 */
public record CollectionOrder(
    String key,
    String tenant,
    String invoice,
    String number,
    Money amount,
    String customer,
    @Nullable String reference,
    int attempt) {
  public CollectionOrder {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(invoice, "invoice");
    Objects.requireNonNull(number, "number");
    Objects.requireNonNull(customer, "customer");
    if (!amount.isPositive()) {
      throw new IllegalArgumentException("amount: more than zero, not " + amount);
    }
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt: at least 1, not " + attempt);
    }
  }
}
