package io.tollgate.controlplane.payment.stripe;

import com.stripe.StripeClient;
import com.stripe.exception.StripeException;
import com.stripe.model.Invoice;
import com.stripe.model.InvoicePayment;
import com.stripe.model.StripeCollection;
import com.stripe.param.InvoiceCreateParams;
import com.stripe.param.InvoiceFinalizeInvoiceParams;
import com.stripe.param.InvoiceItemCreateParams;
import com.stripe.param.InvoiceListParams;
import com.stripe.param.InvoicePayParams;
import com.stripe.param.InvoiceRetrieveParams;
import io.tollgate.controlplane.payment.CollectionOrder;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stripe's invoice for an invoice of ours: at most one that is not void. Each step can be cut off
 * and taken up again, by the idempotency key within an attempt and by looking at what is there
 * across attempts, since Stripe forgets keys after a day and replays failures until then.
 */
final class StripeInvoices {
  private static final long PAGE = 100;

  private final StripeClient client;
  private final StripeCalls calls;

  StripeInvoices(StripeClient client, StripeCalls calls) {
    this.client = client;
    this.calls = calls;
  }

  /** The Stripe invoice over the order's amount, past its draft. */
  Invoice prepare(CollectionOrder order) throws StripeCalls.Outage, StripeException {
    @Nullable Invoice known = existing(order);
    if (known != null && isObsolete(known, order)) {
      voidOrDelete(known);
      known = null;
    }
    Invoice invoice = known == null ? create(order) : known;
    if (!"draft".equals(invoice.getStatus())) {
      return invoice;
    }
    if (invoice.getTotal() == null || invoice.getTotal() == 0) {
      addItem(order, invoice.getId());
    }
    return finish(invoice.getId(), order.key());
  }

  Invoice pay(Invoice invoice, String key) throws StripeCalls.Outage, StripeException {
    InvoicePayParams params = InvoicePayParams.builder().setOffSession(true).build();
    return calls.run(
        () ->
            client.v1().invoices().pay(invoice.getId(), params, StripeProvider.key(key + ":pay")));
  }

  Invoice retrieve(String id) throws StripeCalls.Outage, StripeException {
    return calls.run(() -> client.v1().invoices().retrieve(id));
  }

  /** The payment intent that paid the invoice. */
  String paymentIntent(String id) throws StripeCalls.Outage, StripeException {
    InvoiceRetrieveParams params = InvoiceRetrieveParams.builder().addExpand("payments").build();
    Invoice invoice = calls.run(() -> client.v1().invoices().retrieve(id, params));
    return invoice.getPayments().getData().stream()
        .filter(payment -> "paid".equals(payment.getStatus()))
        .map(InvoicePayment::getPayment)
        .map(InvoicePayment.Payment::getPaymentIntent)
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow(() -> new StripeCalls.Outage("Stripe has no payment on its invoice " + id));
  }

  private @Nullable Invoice existing(CollectionOrder order)
      throws StripeCalls.Outage, StripeException {
    String reference = order.reference();
    if (reference != null) {
      return retrieve(reference);
    }
    return order.attempt() == 1 ? null : search(order);
  }

  /**
   * What an attempt left behind that died between Stripe's answer and our commit. Listed, not
   * searched: Stripe's search lags behind by up to an hour.
   */
  private @Nullable Invoice search(CollectionOrder order)
      throws StripeCalls.Outage, StripeException {
    String after = null;
    while (true) {
      InvoiceListParams.Builder params =
          InvoiceListParams.builder().setCustomer(order.customer()).setLimit(PAGE);
      if (after != null) {
        params.setStartingAfter(after);
      }
      StripeCollection<Invoice> page = calls.run(() -> client.v1().invoices().list(params.build()));
      List<Invoice> found = page.getData();
      for (Invoice invoice : found) {
        boolean ours =
            invoice.getMetadata() != null
                && order.invoice().equals(invoice.getMetadata().get(StripeMetadata.INVOICE));
        if (ours && !"void".equals(invoice.getStatus())) {
          return invoice;
        }
      }
      if (found.isEmpty() || !Boolean.TRUE.equals(page.getHasMore())) {
        return null;
      }
      after = found.getLast().getId();
    }
  }

  /** Part of our invoice was paid elsewhere since: Stripe's copy asks for too much. */
  private static boolean isObsolete(Invoice invoice, CollectionOrder order) {
    return switch (invoice.getStatus()) {
      case "void" -> true;
      case "open" -> invoice.getAmountRemaining() != StripeAmounts.toStripe(order.amount());
      case "draft" ->
          invoice.getTotal() != 0 && invoice.getTotal() != StripeAmounts.toStripe(order.amount());
      default -> false;
    };
  }

  private void voidOrDelete(Invoice invoice) throws StripeCalls.Outage, StripeException {
    if ("open".equals(invoice.getStatus())) {
      calls.run(() -> client.v1().invoices().voidInvoice(invoice.getId()));
    } else if ("draft".equals(invoice.getStatus())) {
      calls.run(() -> client.v1().invoices().delete(invoice.getId()));
    }
  }

  private Invoice create(CollectionOrder order) throws StripeCalls.Outage, StripeException {
    InvoiceCreateParams params =
        InvoiceCreateParams.builder()
            .setCustomer(order.customer())
            .setCurrency(StripeAmounts.currency(order.amount()))
            .setCollectionMethod(InvoiceCreateParams.CollectionMethod.CHARGE_AUTOMATICALLY)
            .setAutoAdvance(false)
            .setPendingInvoiceItemsBehavior(InvoiceCreateParams.PendingInvoiceItemsBehavior.EXCLUDE)
            .setDescription(order.number())
            .putMetadata(StripeMetadata.TENANT, order.tenant())
            .putMetadata(StripeMetadata.INVOICE, order.invoice())
            .putMetadata(StripeMetadata.ATTEMPT, order.key())
            .build();
    return calls.run(
        () -> client.v1().invoices().create(params, StripeProvider.key(order.key() + ":invoice")));
  }

  private void addItem(CollectionOrder order, String invoice)
      throws StripeCalls.Outage, StripeException {
    InvoiceItemCreateParams params =
        InvoiceItemCreateParams.builder()
            .setCustomer(order.customer())
            .setInvoice(invoice)
            .setAmount(StripeAmounts.toStripe(order.amount()))
            .setCurrency(StripeAmounts.currency(order.amount()))
            .setDescription("Invoice " + order.number())
            .putMetadata(StripeMetadata.TENANT, order.tenant())
            .putMetadata(StripeMetadata.INVOICE, order.invoice())
            .build();
    calls.run(
        () -> client.v1().invoiceItems().create(params, StripeProvider.key(order.key() + ":item")));
  }

  private Invoice finish(String invoice, String key) throws StripeCalls.Outage, StripeException {
    InvoiceFinalizeInvoiceParams params =
        InvoiceFinalizeInvoiceParams.builder().setAutoAdvance(false).build();
    return calls.run(
        () ->
            client
                .v1()
                .invoices()
                .finalizeInvoice(invoice, params, StripeProvider.key(key + ":finalize")));
  }
}
