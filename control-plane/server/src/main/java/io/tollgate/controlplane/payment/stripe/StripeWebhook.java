package io.tollgate.controlplane.payment.stripe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.model.Event;
import com.stripe.net.Webhook;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Stripe sends by itself: verifies the signature over the bytes as they came, and finds
 * out which invoice of ours it is about. Thread-safe.
 */
public final class StripeWebhook {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StripeSettings settings;
  private final Clock clock;

  /**
   * @param settings the signing secret and how old a signature may be
   * @param clock the wall clock signatures are compared with
   */
  public StripeWebhook(StripeSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock.withZone(ZoneOffset.UTC);
  }

  /** What a webhook is about. */
  public sealed interface Notice {
    /**
     * One of our invoices changed at Stripe.
     *
     * @param event the event's id, the same each time it is sent
     * @param tenant whose invoice
     * @param invoice our invoice's id
     * @param reference Stripe's invoice
     */
    record InvoiceChanged(String event, String tenant, String invoice, String reference)
        implements Notice {}

    /** Nothing we keep: another kind of event, or another program's object. */
    record Ignored(String why) implements Notice {}

    /** Not signed by Stripe with our secret, or signed too long ago. */
    record Forged(String why) implements Notice {}
  }

  /**
   * Verifies and reads one webhook.
   *
   * @param body the request's body, byte for byte
   * @param signature the header {@code Stripe-Signature}; null where it is missing
   */
  public Notice read(String body, @Nullable String signature) {
    if (signature == null) {
      return new Notice.Forged("the header Stripe-Signature is missing");
    }
    Event event;
    try {
      event =
          Webhook.constructEvent(
              body,
              signature,
              settings.webhookSecret().reveal(),
              settings.webhookTolerance().toSeconds(),
              clock);
    } catch (SignatureVerificationException e) {
      return new Notice.Forged("the signature does not match, or is too old");
    } catch (RuntimeException e) {
      return new Notice.Forged("the body is no event");
    }
    return event.getType() == null || !event.getType().startsWith("invoice.")
        ? new Notice.Ignored("only events of invoices are kept")
        : about(event);
  }

  private static Notice about(Event event) {
    // The raw JSON, because the account's API version may differ from the library's; only names
    // that no version changed are read, everything else is fetched afresh.
    JsonNode invoice;
    try {
      invoice = JSON.readTree(event.getDataObjectDeserializer().getRawJson());
    } catch (JsonProcessingException e) {
      return new Notice.Forged("the body is no event");
    }
    String ours = invoice.path("metadata").path(StripeMetadata.INVOICE).asText();
    String tenant = invoice.path("metadata").path(StripeMetadata.TENANT).asText();
    String reference = invoice.path("id").asText();
    if (ours.isEmpty() || tenant.isEmpty() || reference.isEmpty()) {
      return new Notice.Ignored("the invoice is not ours");
    }
    return new Notice.InvoiceChanged(event.getId(), tenant, ours, reference);
  }
}
