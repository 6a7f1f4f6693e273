package io.tollgate.controlplane.payment.stripe;

import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.payment.ProviderNotice;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.util.Map;
import java.util.Set;

/**
 * Where Stripe sends its events. Without a token: an event proves itself by its signature. 200 says
 * that it need not come again, whether it was acted on or not.
 */
public final class StripeEvents implements Room {
  private final StripeWebhook webhook;
  private final Payments payments;

  /** Events read by the webhook, acted on by payments. */
  public StripeEvents(StripeWebhook webhook, Payments payments) {
    this.webhook = webhook;
    this.payments = payments;
  }

  @Override
  public void mount(Routes routes) {
    routes.postDirect("/api/billing/webhooks/stripe", Set.of(), this::receive).open();
  }

  private Reply receive(Call call) {
    String signature = call.header("Stripe-Signature").orElse(null);
    return switch (webhook.read(call.text(), signature)) {
      case StripeWebhook.Notice.Forged forged ->
          throw new Problem(400, "bad-signature", "Bad signature", forged.why());
      case StripeWebhook.Notice.Ignored ignored -> Reply.ok(Map.of("ignored", ignored.why()));
      case StripeWebhook.Notice.InvoiceChanged changed -> {
        payments.report(
            new ProviderNotice(
                StripeProvider.NAME,
                changed.event(),
                changed.tenant(),
                changed.invoice(),
                changed.reference()));
        yield Reply.ok(Map.of("received", changed.event()));
      }
    };
  }
}
