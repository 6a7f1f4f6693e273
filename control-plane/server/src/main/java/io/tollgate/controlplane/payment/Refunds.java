package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Payment;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.util.List;
import org.joda.money.Money;

/**
 * Money that goes back. What is refunded must be on the tenant's balance, where a credit note puts
 * it; it is taken off before the provider is asked, and put back if the provider refuses, so that
 * no cent can be both given back and spent on the next invoice.
 */
final class Refunds {
  private final Payments payments;
  private final PaymentParts parts;
  private final PaymentProviders providers;

  Refunds(Payments payments, PaymentParts parts, PaymentProviders providers) {
    this.payments = payments;
    this.parts = parts;
    this.providers = providers;
  }

  /**
   * Gives money back through the provider that collected it. Blocks for the provider's timeouts.
   *
   * @throws Problem 404 if there is no such payment, 409 if it is not settled, 422 for more than is
   *     left of it or on the tenant's balance
   */
  Attempt refund(String paymentId, Money amount, String actor) {
    Attempt paid =
        parts
            .database()
            .inTransaction(
                tx ->
                    payments
                        .store()
                        .find(tx, paymentId)
                        .orElseThrow(() -> Problem.notFound("payment", paymentId)));
    Attempt refund = parts.database().inTransaction(tx -> reserve(tx, paid.id(), amount, actor));
    PaymentProvider provider =
        providers
            .find(refund.provider())
            .orElseThrow(() -> Problem.conflict("the provider " + refund.provider() + " is gone"));
    PaymentResult result =
        provider.refund(
            new RefundOrder(
                refund.id(),
                refund.tenant(),
                refund.invoice(),
                String.valueOf(paid.answer().reference()),
                amount));
    return parts.database().inTransaction(tx -> finish(tx, refund, result));
  }

  private Attempt reserve(Transaction tx, String paymentId, Money amount, String actor) {
    Attempt paid =
        payments
            .store()
            .lock(tx, paymentId)
            .orElseThrow(() -> Problem.notFound("payment", paymentId));
    if (paid.state() != Attempt.State.SETTLED || paid.kind() == Attempt.Kind.REFUND) {
      boolean refund = paid.kind() == Attempt.Kind.REFUND;
      throw Problem.inState(
          refund
              ? paymentId + " is a refund; only money that came in is given back"
              : "payment " + paymentId + " is " + paid.state() + "; only a settled one is refunded",
          refund ? Attempt.Kind.REFUND : paid.state(),
          List.of());
    }
    if (!amount.getCurrencyUnit().equals(paid.amount().getCurrencyUnit())) {
      throw Problem.invalid("amount", paid.amount().getCurrencyUnit() + " is expected");
    }
    Money left = paid.amount().minus(payments.store().refunded(tx, paid));
    if (!amount.isPositive() || amount.isGreaterThan(left)) {
      throw Problem.invalid("amount", "over zero and at most " + left + " is expected");
    }
    Instant now = parts.clocks().now(tx, paid.tenant());
    Attempt refund =
        new Attempt(
            parts.ids().next("pay"),
            paid.tenant(),
            paid.invoice(),
            paid.provider(),
            Attempt.Kind.REFUND,
            1,
            amount,
            Attempt.Answer.NONE,
            paid.id(),
            actor,
            now);
    payments.store().insert(tx, refund, null);
    try {
      parts.invoices().refund(tx, paid.tenant(), amount, refund.id(), now);
    } catch (IllegalArgumentException e) {
      // The message names the field already.
      String why = String.valueOf(e.getMessage()).replaceFirst("^amount: ", "");
      throw Problem.invalid("amount", why + "; a credit note with refund puts there what was paid");
    }
    return refund;
  }

  private Attempt finish(Transaction tx, Attempt refund, PaymentResult result) {
    Instant now = parts.clocks().now(tx, refund.tenant());
    Attempt after = refund.with(Attempt.Answer.of(result, now));
    if (payments.store().update(tx, after)) {
      if (after.state() == Attempt.State.DECLINED) {
        // The invoice is settled, so this goes to the balance it was taken from.
        parts
            .invoices()
            .pay(
                tx, new Payment(refund.invoice(), refund.amount(), "returned:" + refund.id(), now));
      }
      payments.announce(tx, after, now);
    }
    return after;
  }
}
