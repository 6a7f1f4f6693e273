package io.tollgate.controlplane.payment.stripe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.stripe.net.Webhook;
import io.tollgate.yaml.Secret;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class StripeWebhookTest {
  private static final Instant NOW = Instant.parse("2026-03-07T00:00:00Z");
  private static final String SECRET = "whsec_123";

  private final StripeWebhook webhook =
      new StripeWebhook(
          new StripeSettings(
              URI.create("http://127.0.0.1:1"),
              new Secret("sk"),
              new Secret(SECRET),
              Duration.ofSeconds(1),
              Duration.ofSeconds(1),
              Duration.ofMinutes(5)),
          Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void read_ourInvoicePaid_namesTenantInvoiceAndReference() throws Exception {
    String body = event("invoice.paid", true);
    assertThat(webhook.read(body, sign(body, NOW)))
        .isEqualTo(
            new StripeWebhook.Notice.InvoiceChanged(
                "evt_1Pgc76B7WZ01zgkWwyRHS12y", "dharma", "inv_1", "in_1Pgc6tB7WZ01zgkWu9fdqL6I"));
  }

  @Test
  void read_foreignInvoice_isIgnored() throws Exception {
    String body = event("invoice.paid", false);
    assertThat(webhook.read(body, sign(body, NOW)))
        .isInstanceOf(StripeWebhook.Notice.Ignored.class);
  }

  @Test
  void read_otherEvent_isIgnored() throws Exception {
    String body = StripeFixtures.object("event").toString();
    assertThat(webhook.read(body, sign(body, NOW)))
        .isInstanceOf(StripeWebhook.Notice.Ignored.class);
  }

  @Test
  void read_changedBody_isForged() throws Exception {
    String body = event("invoice.paid", true);
    assertThat(webhook.read(body.replace("inv_1", "inv_2"), sign(body, NOW)))
        .isInstanceOf(StripeWebhook.Notice.Forged.class);
  }

  @Test
  void read_oldSignature_isForged() throws Exception {
    String body = event("invoice.paid", true);
    assertThat(webhook.read(body, sign(body, NOW.minusSeconds(301))))
        .isInstanceOf(StripeWebhook.Notice.Forged.class);
    assertThat(webhook.read(body, sign(body, NOW.minusSeconds(299))))
        .isInstanceOf(StripeWebhook.Notice.InvoiceChanged.class);
  }

  @Test
  void read_noSignature_isForged() {
    assertThat(webhook.read(event("invoice.paid", true), null))
        .isInstanceOf(StripeWebhook.Notice.Forged.class);
  }

  private static String event(String type, boolean ours) {
    ObjectNode invoice = StripeFixtures.object("invoice").put("status", "paid");
    if (ours) {
      invoice
          .putObject("metadata")
          .put("tollgate_tenant", "dharma")
          .put("tollgate_invoice", "inv_1");
    }
    ObjectNode event = StripeFixtures.object("event").put("type", type);
    event.putObject("data").set("object", invoice);
    return event.toString();
  }

  private static String sign(String body, Instant at) throws Exception {
    long seconds = at.getEpochSecond();
    return "t=%d,v1=%s"
        .formatted(seconds, Webhook.Util.computeHmacSha256(SECRET, seconds + "." + body));
  }
}
