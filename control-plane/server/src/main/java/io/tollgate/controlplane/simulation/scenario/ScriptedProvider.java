package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.payment.CollectionOrder;
import io.tollgate.controlplane.payment.CustomerResult;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentProvider;
import io.tollgate.controlplane.payment.PaymentResult;
import io.tollgate.controlplane.payment.RefundOrder;
import java.util.Locale;

/**
 * Who collects in scenarios: what a tenant pays by says how each attempt ends, dunning's own ones
 * too. Moves no money and knows nothing. Stateless.
 */
public final class ScriptedProvider implements PaymentProvider {
  static final String NAME = "scripted";

  /** What a tenant pays by. */
  public enum Means {
    /** Every attempt collects what is due. */
    CARD,
    /** The bank refuses every attempt. */
    DECLINED_CARD,
    /** The provider answers nothing that tells; dunning asks again and counts no decline. */
    UNAVAILABLE_CARD,
    /** Nobody collects; what arrives is recorded. */
    BANK_TRANSFER;

    /** The customer the provider is to know it by. */
    String customer() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CustomerResult ensureCustomer(Payer payer, String idempotencyKey) {
    return new CustomerResult.Ready(Means.CARD.customer());
  }

  @Override
  public PaymentResult collect(CollectionOrder order) {
    return switch (Means.valueOf(order.customer().toUpperCase(Locale.ROOT))) {
      case CARD -> new PaymentResult.Settled(order.key(), order.amount());
      case DECLINED_CARD ->
          new PaymentResult.Declined(null, "insufficient_funds", "the bank refuses the card");
      case UNAVAILABLE_CARD -> new PaymentResult.Unavailable(null, "no answer");
      case BANK_TRANSFER ->
          new PaymentResult.Pending(order.number(), "a transfer is awaited", null);
    };
  }

  @Override
  public PaymentResult refund(RefundOrder order) {
    return new PaymentResult.Settled(order.key(), order.amount());
  }

  @Override
  public PaymentResult find(String reference) {
    return new PaymentResult.Pending(reference, "asked again by dunning", null);
  }
}
