package io.tollgate.controlplane.payment;

/**
 * What somebody who moves money must be able to do for us: document 002's {@code BillingProvider},
 * less what is our own business. Of that interface, subscriptions, upgrades and invoices are kept
 * by the rooms {@code subscription} and {@code invoice}; {@code applyGracePeriod} and {@code
 * suspendTenant} follow from unpaid invoices in {@code dunning}; {@code retryPayment} is {@link
 * #collect} asked again. A provider therefore never sees a plan and never decides anything.
 *
 * <p>No method throws for what a provider or a bank may answer: every answer, an outage included,
 * is a {@link PaymentResult}. Calls block the calling (virtual) thread for at most the provider's
 * configured timeouts. Implementations are thread-safe.
 */
public interface PaymentProvider {
  /** The provider's name in configuration, storage and answers, such as {@code stripe}. */
  String name();

  /**
   * Makes sure that the provider knows the payer. Asked twice with the same key, or for a payer
   * already known, it answers the same customer.
   */
  CustomerResult ensureCustomer(Payer payer, String idempotencyKey);

  /**
   * Collects the order's amount from the payer's stored means of payment. Asked again with the same
   * key it collects nothing more; asked again with another key while the first one is paid, it
   * answers {@link PaymentResult.Settled} too.
   */
  PaymentResult collect(CollectionOrder order);

  /** Gives money back from a settled collection. Idempotent on the order's key. */
  PaymentResult refund(RefundOrder order);

  /**
   * The present state of an earlier collection, as the provider has it now. What a webhook says is
   * never believed by itself: webhooks come twice, late and out of order.
   *
   * @param reference as an earlier {@link PaymentResult} had it
   */
  PaymentResult find(String reference);
}
