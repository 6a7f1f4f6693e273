package io.tollgate.controlplane.payment;

/**
 * Nobody: invoices are paid by bank transfer, and staff records what arrived. To collect is to
 * wait; to refund is staff's own transfer, so it counts as done when it is recorded.
 */
public final class ManualProvider implements PaymentProvider {
  /** The provider's name. */
  public static final String NAME = "manual";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CustomerResult ensureCustomer(Payer payer, String idempotencyKey) {
    return new CustomerResult.Ready(payer.tenant());
  }

  @Override
  public PaymentResult collect(CollectionOrder order) {
    return awaited(order.number());
  }

  /** The only answer there is to an order to collect. */
  static PaymentResult awaited(String number) {
    return new PaymentResult.Pending(number, "a bank transfer for " + number + " is awaited", null);
  }

  @Override
  public PaymentResult refund(RefundOrder order) {
    return new PaymentResult.Settled(order.key(), order.amount());
  }

  @Override
  public PaymentResult find(String reference) {
    return new PaymentResult.Pending(reference, "a bank transfer is awaited", null);
  }
}
