package io.tollgate.controlplane.payment;

/** The answer to {@link PaymentProvider#ensureCustomer}. */
public sealed interface CustomerResult {
  /**
   * The provider knows the payer.
   *
   * @param reference the provider's name for it; stored, and sent with each {@link CollectionOrder}
   */
  record Ready(String reference) implements CustomerResult {}

  /**
   * It does not.
   *
   * @param why refused, or not to be reached
   */
  record Failed(PaymentResult why) implements CustomerResult {}
}
