package io.tollgate.controlplane.payment;

import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt to move money stands. A decline is the payer's, an outage is not: dunning counts
 * the first and repeats the second.
 */
public sealed interface PaymentResult {
  /**
   * The money moved.
   *
   * @param reference the provider's name for the collection or refund
   * @param amount what moved, in the order's currency
   */
  record Settled(String reference, Money amount) implements PaymentResult {}

  /**
   * Under way: a bank takes its days, or the payer must confirm.
   *
   * @param reference the provider's name for it
   * @param why one sentence for people
   * @param payAt a page on which the payer can pay or confirm; null where there is none
   */
  record Pending(String reference, String why, @Nullable String payAt) implements PaymentResult {}

  /**
   * The payer's bank, or the lack of any means of payment, said no. Trying again at once is futile.
   *
   * @param reference the provider's name for the collection; null if it came to none
   * @param code the provider's machine-readable reason, such as {@code insufficient_funds}
   * @param message one sentence for people
   */
  record Declined(@Nullable String reference, String code, String message)
      implements PaymentResult {}

  /**
   * No answer, or none that tells: nobody knows whether money moved. The next attempt must look
   * first what became of this one.
   *
   * @param reference the provider's name for the collection; null if it came to none
   * @param why the outage in one sentence, without secrets
   */
  record Unavailable(@Nullable String reference, String why) implements PaymentResult {}
}
