package io.tollgate.controlplane.payment.stripe;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.stripe.net.Webhook;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.payment.ManualProvider;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentParts;
import io.tollgate.controlplane.payment.PaymentProviders;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.payment.TestInvoices;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import io.tollgate.yaml.Secret;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signed events from a port to a paid invoice: twice, late, out of order, forged. */
class StripeEventsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant NOW = Instant.parse("2026-03-07T00:00:00Z");
  private static final String SECRET = "whsec_123";
  private static final String REFERENCE = "in_1Pgc6tB7WZ01zgkWu9fdqL6I";

  private final WireMockServer stripe =
      new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
  private final InstantSource clock = InstantSource.fixed(NOW);
  private final Ids ids = new Ids(InstantSource.system(), new SecureRandom());
  private final Invoices invoices = new Invoices(ids);
  private TestApi api;
  private String tenant = "";
  private String invoice = "";

  @BeforeEach
  void start() {
    stripe.start();
    StripeSettings settings =
        new StripeSettings(
            URI.create(stripe.baseUrl()),
            new Secret("sk_test_123"),
            new Secret(SECRET),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMinutes(5));
    tenant = ids.next("ten");
    Payments payments =
        new Payments(
            new PaymentParts(
                DB.db(),
                invoices,
                (tx, who) -> new Payer(who, who, null),
                new TenantClocks(clock),
                new Outbox(DB.db(), clock),
                new Audit(clock),
                ids),
            new PaymentProviders(
                List.of(new StripeProvider(settings, Duration.ofMillis(1)), new ManualProvider())));
    api =
        TestApi.start(
            DB, clock, payments, new StripeEvents(new StripeWebhook(settings, clock), payments));
    invoice = TestInvoices.open(DB.db(), invoices, tenant, "sub_1", "9999.00", NOW);
  }

  @AfterEach
  void stop() {
    api.close();
    stripe.stop();
  }

  @Test
  void paid_sentTwice_isBookedOnce() throws Exception {
    present("paid", 999_900);
    assertThat(send(event("evt_a", "invoice.paid"), NOW).status()).isEqualTo(200);
    assertThat(send(event("evt_a", "invoice.paid"), NOW).status()).isEqualTo(200);
    assertThat(send(event("evt_b", "invoice.payment_succeeded"), NOW).status()).isEqualTo(200);
    assertThat(status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(payments()).isEqualTo(1);
    stripe.verify(1, getRequestedFor(urlEqualTo("/v1/invoices/" + REFERENCE)));
  }

  @Test
  void failedThatComesAfterPaid_doesNotReopen() throws Exception {
    present("paid", 999_900);
    send(event("evt_paid", "invoice.paid"), NOW);
    assertThat(send(event("evt_old", "invoice.payment_failed"), NOW).status()).isEqualTo(200);
    assertThat(status()).isEqualTo(InvoiceStatus.PAID);
  }

  @Test
  void paidThatStripeDoesNotConfirm_isNotBelieved() throws Exception {
    present("open", 0);
    assertThat(send(event("evt_early", "invoice.paid"), NOW).status()).isEqualTo(200);
    assertThat(status()).isEqualTo(InvoiceStatus.OPEN);
  }

  @Test
  void stripeDoesNotAnswer_asksToBeToldAgainAndThenBooks() throws Exception {
    stripe.stubFor(get("/v1/invoices/" + REFERENCE).willReturn(serverError()));
    assertThat(send(event("evt_again", "invoice.paid"), NOW).status()).isEqualTo(503);
    present("paid", 999_900);
    assertThat(send(event("evt_again", "invoice.paid"), NOW).status()).isEqualTo(200);
    assertThat(status()).isEqualTo(InvoiceStatus.PAID);
  }

  @Test
  void forgedOrOld_isRefusedAndAsksNobody() throws Exception {
    String body = event("evt_f", "invoice.paid");
    assertThat(send(body, NOW.minusSeconds(301)).status()).isEqualTo(400);
    assertThat(api.as("x").post("/api/billing/webhooks/stripe", body).status()).isEqualTo(400);
    stripe.verify(0, getRequestedFor(urlEqualTo("/v1/invoices/" + REFERENCE)));
    assertThat(status()).isEqualTo(InvoiceStatus.OPEN);
  }

  private void present(String status, long paid) {
    stripe.stubFor(
        get("/v1/invoices/" + REFERENCE)
            .willReturn(
                okJson(
                    StripeFixtures.object("invoice")
                        .put("status", status)
                        .put("currency", "inr")
                        .put("amount_paid", paid)
                        .toString())));
  }

  /** Each test has an account of its own at Stripe; only the event's id repeats within one. */
  private String event(String id, String type) {
    ObjectNode object = StripeFixtures.object("invoice");
    object.putObject("metadata").put("tollgate_tenant", tenant).put("tollgate_invoice", invoice);
    ObjectNode event = StripeFixtures.object("event").put("id", id + tenant).put("type", type);
    event.putObject("data").set("object", object);
    return event.toString();
  }

  private Answer send(String body, Instant signedAt) throws Exception {
    long seconds = signedAt.getEpochSecond();
    String signature =
        "t=%d,v1=%s"
            .formatted(seconds, Webhook.Util.computeHmacSha256(SECRET, seconds + "." + body));
    return api.as("nobody")
        .post("/api/billing/webhooks/stripe", body, "Stripe-Signature", signature);
  }

  private InvoiceStatus status() {
    return DB.db().inTransaction(tx -> invoices.find(tx, invoice).orElseThrow().status());
  }

  private int payments() {
    return api.as("viewer")
        .get("/api/billing/invoices/" + invoice + "/payments")
        .json()
        .path("items")
        .size();
  }
}
