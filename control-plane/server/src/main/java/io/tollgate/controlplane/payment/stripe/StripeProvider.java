package io.tollgate.controlplane.payment.stripe;

import com.stripe.StripeClient;
import com.stripe.exception.AuthenticationException;
import com.stripe.exception.PermissionException;
import com.stripe.exception.StripeException;
import com.stripe.model.Customer;
import com.stripe.model.Invoice;
import com.stripe.net.RequestOptions;
import com.stripe.param.CustomerCreateParams;
import com.stripe.param.RefundCreateParams;
import io.tollgate.controlplane.payment.CollectionOrder;
import io.tollgate.controlplane.payment.CustomerResult;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentProvider;
import io.tollgate.controlplane.payment.PaymentResult;
import io.tollgate.controlplane.payment.RefundOrder;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects through Stripe: a customer per tenant, and per invoice of ours one Stripe invoice with
 * one item, finalized and paid with the customer's default means of payment. A Stripe invoice, and
 * not a bare payment intent, because it gives the payer a page to pay on when the card is refused,
 * and can be paid again later (document 004: {@code stripe.invoices.pay}). Amounts, numbers and
 * taxes stay ours; Stripe never advances or retries by itself ({@code auto_advance} is false).
 *
 * <p>Thread-safe; blocks the calling thread.
 */
public final class StripeProvider implements PaymentProvider {
  /** The provider's name. */
  public static final String NAME = "stripe";

  /** Of a customer's {@code name}, in characters (Stripe API, "Create a customer"). */
  private static final int LONGEST_NAME = 256;

  private static final Logger LOG = LoggerFactory.getLogger(StripeProvider.class);

  /** Not a no: the payer has to confirm in person (Stripe, "Error codes" and "Decline codes"). */
  private static final Set<String> NEEDS_PAYER =
      Set.of("authentication_required", "invoice_payment_intent_requires_action");

  private final StripeClient client;
  private final StripeCalls calls;
  private final StripeInvoices invoices;

  /**
   * @param settings how to reach Stripe
   * @param firstPause before a failed call is repeated, at least 1 ms
   */
  public StripeProvider(StripeSettings settings, Duration firstPause) {
    client =
        StripeClient.builder()
            .setApiKey(settings.key().reveal())
            .setApiBase(settings.api().toString())
            .setConnectTimeout(Math.toIntExact(settings.connectTimeout().toMillis()))
            .setReadTimeout(Math.toIntExact(settings.readTimeout().toMillis()))
            // One layer repeats, and it is StripeCalls.
            .setMaxNetworkRetries(0)
            .build();
    calls = new StripeCalls(firstPause);
    invoices = new StripeInvoices(client, calls);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CustomerResult ensureCustomer(Payer payer, String idempotencyKey) {
    CustomerCreateParams.Builder params =
        CustomerCreateParams.builder()
            .setName(first(payer.name()))
            .putMetadata(StripeMetadata.TENANT, payer.tenant());
    if (payer.email() != null) {
      params.setEmail(payer.email());
    }
    try {
      Customer customer =
          calls.run(() -> client.v1().customers().create(params.build(), key(idempotencyKey)));
      return new CustomerResult.Ready(customer.getId());
    } catch (StripeCalls.Outage e) {
      return new CustomerResult.Failed(new PaymentResult.Unavailable(null, reason(e)));
    } catch (StripeException e) {
      return new CustomerResult.Failed(notAsked(null, e));
    }
  }

  @Override
  public PaymentResult collect(CollectionOrder order) {
    String reference = order.reference();
    if (!StripeAmounts.isExact(order.amount())) {
      return new PaymentResult.Unavailable(reference, "Stripe cannot charge " + order.amount());
    }
    try {
      Invoice invoice = invoices.prepare(order);
      reference = invoice.getId();
      return "open".equals(invoice.getStatus()) ? pay(invoice, order.key()) : present(invoice);
    } catch (StripeCalls.Outage e) {
      return new PaymentResult.Unavailable(reference, reason(e));
    } catch (StripeException e) {
      return notAsked(reference, e);
    }
  }

  /** The one step in which the payer, or the payer's bank, can say no. */
  private PaymentResult pay(Invoice invoice, String key) throws StripeCalls.Outage {
    try {
      return present(invoices.pay(invoice, key));
    } catch (StripeException e) {
      return refused(invoice.getId(), e);
    }
  }

  @Override
  public PaymentResult refund(RefundOrder order) {
    try {
      String intent = invoices.paymentIntent(order.reference());
      RefundCreateParams params =
          RefundCreateParams.builder()
              .setPaymentIntent(intent)
              .setAmount(StripeAmounts.toStripe(order.amount()))
              .setReason(RefundCreateParams.Reason.REQUESTED_BY_CUSTOMER)
              .putMetadata(StripeMetadata.TENANT, order.tenant())
              .putMetadata(StripeMetadata.INVOICE, order.invoice())
              .build();
      var refund = calls.run(() -> client.v1().refunds().create(params, key(order.key())));
      return switch (String.valueOf(refund.getStatus())) {
        case "succeeded" ->
            new PaymentResult.Settled(
                refund.getId(), StripeAmounts.fromStripe(refund.getAmount(), refund.getCurrency()));
        case "pending", "requires_action" ->
            new PaymentResult.Pending(refund.getId(), "the refund is under way", null);
        case "failed", "canceled" ->
            new PaymentResult.Declined(
                refund.getId(), "refund_" + refund.getStatus(), "the refund did not go through");
        default ->
            new PaymentResult.Unavailable(
                refund.getId(), "Stripe answers a state unknown to us: " + refund.getStatus());
      };
    } catch (StripeCalls.Outage e) {
      return new PaymentResult.Unavailable(order.reference(), reason(e));
    } catch (StripeException e) {
      return refused(order.reference(), e);
    }
  }

  @Override
  public PaymentResult find(String reference) {
    try {
      return present(invoices.retrieve(reference));
    } catch (StripeCalls.Outage e) {
      return new PaymentResult.Unavailable(reference, reason(e));
    } catch (StripeException e) {
      return notAsked(reference, e);
    }
  }

  static RequestOptions key(String idempotencyKey) {
    return RequestOptions.builder().setIdempotencyKey(idempotencyKey).build();
  }

  private static PaymentResult present(Invoice invoice) {
    return switch (String.valueOf(invoice.getStatus())) {
      case "paid" -> paid(invoice);
      case "draft", "open" ->
          new PaymentResult.Pending(
              invoice.getId(), "Stripe has not been paid yet", invoice.getHostedInvoiceUrl());
      case "void", "uncollectible" ->
          new PaymentResult.Declined(
              invoice.getId(),
              "invoice_" + invoice.getStatus(),
              "Stripe's invoice is " + invoice.getStatus());
      default ->
          new PaymentResult.Unavailable(
              invoice.getId(), "Stripe answers a state unknown to us: " + invoice.getStatus());
    };
  }

  /** Under Stripe's smallest charge an invoice is "paid", and its amount on the next one. */
  private static PaymentResult paid(Invoice invoice) {
    if (invoice.getAmountPaid() == 0) {
      return new PaymentResult.Pending(
          invoice.getId(), "under Stripe's smallest charge: the next invoice collects it", null);
    }
    return new PaymentResult.Settled(
        invoice.getId(), StripeAmounts.fromStripe(invoice.getAmountPaid(), invoice.getCurrency()));
  }

  /** As much of a name as Stripe takes. */
  private static String first(String name) {
    if (name.length() <= LONGEST_NAME) {
      return name;
    }
    boolean inPair = Character.isHighSurrogate(name.charAt(LONGEST_NAME - 1));
    return name.substring(0, inPair ? LONGEST_NAME - 1 : LONGEST_NAME);
  }

  /** Stripe refused a step in which nobody was asked for money: nothing the payer has done. */
  private static PaymentResult notAsked(@Nullable String reference, StripeException e) {
    String code = String.valueOf(e.getCode());
    LOG.error("Stripe refuses our request {}: {}", e.getRequestId(), code);
    return new PaymentResult.Unavailable(reference, "Stripe refuses our request: " + code);
  }

  private static PaymentResult refused(@Nullable String reference, StripeException e) {
    if (e instanceof AuthenticationException || e instanceof PermissionException) {
      // Ours to mend, not the payer's: it must never count as a decline.
      LOG.error("Stripe refuses our key (request {})", e.getRequestId());
      return new PaymentResult.Unavailable(reference, "Stripe refuses our key");
    }
    @Nullable String declined =
        e.getStripeError() == null ? null : e.getStripeError().getDeclineCode();
    String code = declined != null ? declined : e.getCode() != null ? e.getCode() : "refused";
    if (code.startsWith("parameter")) {
      // Nor can the payer do anything about what we asked wrongly.
      LOG.error("Stripe refuses our request {}: {}", e.getRequestId(), code);
      return new PaymentResult.Unavailable(reference, "Stripe refuses our request: " + code);
    }
    if (reference != null && NEEDS_PAYER.contains(code)) {
      return new PaymentResult.Pending(reference, "the payer's bank asks for a confirmation", null);
    }
    String message = e.getUserMessage() != null ? e.getUserMessage() : "Stripe refused the payment";
    return new PaymentResult.Declined(reference, code, message);
  }

  private static String reason(StripeCalls.Outage outage) {
    return String.valueOf(outage.getMessage());
  }
}
