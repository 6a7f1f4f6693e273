package io.tollgate.controlplane.payment.stripe;

/**
 * The metadata on every object we make at Stripe. It tells our own objects from others in the same
 * account, and leads a webhook back to the invoice it is about.
 */
final class StripeMetadata {
  static final String TENANT = "tollgate_tenant";
  static final String INVOICE = "tollgate_invoice";
  static final String ATTEMPT = "tollgate_attempt";

  private StripeMetadata() {}
}
