package io.tollgate.controlplane.payment.stripe;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.matching.RequestPatternBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.stripe.Stripe;
import io.tollgate.controlplane.payment.CollectionOrder;
import io.tollgate.controlplane.payment.CustomerResult;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentResult;
import io.tollgate.controlplane.payment.RefundOrder;
import io.tollgate.yaml.Secret;
import java.net.URI;
import java.time.Duration;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that answers in the shapes of Stripe's own fixtures. */
class StripeProviderTest {
  private static final String CUSTOMER = "cus_QXg1o8vcGmoR32";
  private static final String INVOICE = "in_1Pgc6tB7WZ01zgkWu9fdqL6I";

  private final WireMockServer stripe =
      new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
  private StripeProvider provider;

  @BeforeEach
  void start() {
    stripe.start();
    provider =
        new StripeProvider(
            new StripeSettings(
                URI.create(stripe.baseUrl()),
                new Secret("sk_test_123"),
                new Secret("whsec_123"),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofMinutes(5)),
            Duration.ofMillis(1));
  }

  @AfterEach
  void stop() {
    stripe.stop();
  }

  @Test
  void ensureCustomer_newPayer_createsWithKeyAndMetadata() {
    stripe.stubFor(
        post("/v1/customers").willReturn(okJson(StripeFixtures.object("customer").toString())));

    CustomerResult result =
        provider.ensureCustomer(new Payer("dharma", "Dharma Gau Raksha", "a@b.in"), "cus:dharma");

    assertThat(result).isEqualTo(new CustomerResult.Ready(CUSTOMER));
    stripe.verify(
        postRequestedFor(urlEqualTo("/v1/customers"))
            .withHeader("Authorization", equalTo("Bearer sk_test_123"))
            .withHeader("Idempotency-Key", equalTo("cus:dharma"))
            .withHeader("Stripe-Version", equalTo(Stripe.API_VERSION))
            .withFormParam("name", equalTo("Dharma Gau Raksha"))
            .withFormParam("email", equalTo("a@b.in"))
            .withFormParam("metadata[tollgate_tenant]", equalTo("dharma")));
  }

  @Test
  void collect_firstAttempt_createsFinalizesAndPays() {
    stubCreation();
    stubPay(okJson(invoice("paid").put("amount_paid", 999_900).toString()));

    PaymentResult result = provider.collect(order(null, 1));

    assertThat(result).isEqualTo(new PaymentResult.Settled(INVOICE, Money.parse("INR 9999.00")));
    stripe.verify(
        1,
        keyed("/v1/invoices", "att_1:invoice")
            .withFormParam("customer", equalTo(CUSTOMER))
            .withFormParam("currency", equalTo("inr"))
            .withFormParam("auto_advance", equalTo("false"))
            .withFormParam("collection_method", equalTo("charge_automatically"))
            .withFormParam("pending_invoice_items_behavior", equalTo("exclude"))
            .withFormParam("metadata[tollgate_tenant]", equalTo("dharma"))
            .withFormParam("metadata[tollgate_invoice]", equalTo("inv_1")));
    stripe.verify(
        1,
        keyed("/v1/invoiceitems", "att_1:item")
            .withFormParam("invoice", equalTo(INVOICE))
            .withFormParam("amount", equalTo("999900"))
            .withFormParam("currency", equalTo("inr")));
    stripe.verify(1, keyed("/v1/invoices/" + INVOICE + "/finalize", "att_1:finalize"));
    stripe.verify(
        1,
        keyed("/v1/invoices/" + INVOICE + "/pay", "att_1:pay")
            .withFormParam("off_session", equalTo("true")));
  }

  @Test
  void collect_cardRefused_isDeclinedAndNotRepeated() {
    stubCreation();
    stubPay(error(402, "card_error", "card_declined", "insufficient_funds"));

    assertThat(provider.collect(order(null, 1)))
        .isEqualTo(
            new PaymentResult.Declined(INVOICE, "insufficient_funds", "Your card was declined."));
    stripe.verify(1, postRequestedFor(urlEqualTo("/v1/invoices/" + INVOICE + "/pay")));
  }

  @Test
  void collect_noMeansOfPayment_isDeclined() {
    stubCreation();
    stubPay(error(400, "invalid_request_error", "missing", null));

    assertThat(provider.collect(order(null, 1))).isInstanceOf(PaymentResult.Declined.class);
  }

  @Test
  void collect_bankAsksForThePayer_isPending() {
    stubCreation();
    stubPay(error(402, "card_error", "invoice_payment_intent_requires_action", null));

    assertThat(provider.collect(order(null, 1))).isInstanceOf(PaymentResult.Pending.class);
  }

  @Test
  void collect_stripeFails_isUnavailableAfterThreeTriesWithOneKey() {
    stripe.stubFor(post("/v1/invoices").willReturn(error(500, "api_error", "boom", null)));

    assertThat(provider.collect(order(null, 1)))
        .isEqualTo(new PaymentResult.Unavailable(null, "Stripe answered 500"));
    stripe.verify(3, keyed("/v1/invoices", "att_1:invoice"));
  }

  @Test
  void collect_connectionCutWhilePaying_keepsTheReference() {
    stubCreation();
    stubPay(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));

    assertThat(provider.collect(order(null, 1)))
        .isEqualTo(new PaymentResult.Unavailable(INVOICE, "Stripe cannot be reached"));
  }

  @Test
  void collect_oneFailureThenAnswer_isSettled() {
    stubCreation();
    stripe.stubFor(
        post("/v1/invoices/" + INVOICE + "/pay")
            .inScenario("flaky")
            .whenScenarioStateIs(Scenario.STARTED)
            .willReturn(error(503, "api_error", "boom", null))
            .willSetStateTo("well"));
    stripe.stubFor(
        post("/v1/invoices/" + INVOICE + "/pay")
            .inScenario("flaky")
            .whenScenarioStateIs("well")
            .willReturn(okJson(invoice("paid").put("amount_paid", 999_900).toString())));

    assertThat(provider.collect(order(null, 1))).isInstanceOf(PaymentResult.Settled.class);
    stripe.verify(2, keyed("/v1/invoices/" + INVOICE + "/pay", "att_1:pay"));
  }

  @Test
  void collect_wrongKey_isNotHeldAgainstThePayer() {
    stripe.stubFor(post("/v1/invoices").willReturn(error(401, "invalid_request_error", "", null)));

    assertThat(provider.collect(order(null, 1))).isInstanceOf(PaymentResult.Unavailable.class);
  }

  @Test
  void collect_requestStripeCannotRead_isNotHeldAgainstThePayer() {
    stubCreation();
    stubPay(error(400, "invalid_request_error", "parameter_invalid_integer", null));

    assertThat(provider.collect(order(null, 1)))
        .isEqualTo(
            new PaymentResult.Unavailable(
                INVOICE, "Stripe refuses our request: parameter_invalid_integer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/invoices", "/v1/invoiceitems", "/v1/invoices/finalize"})
  void collect_refusedBeforeThePayerIsAsked_isNotHeldAgainstThePayer(String step) {
    stubCreation();
    String path = step.replace("/finalize", "/" + INVOICE + "/finalize");
    stripe.stubFor(
        post(path).willReturn(error(404, "invalid_request_error", "resource_missing", null)));

    PaymentResult result = provider.collect(order(null, 1));
    assertThat(result).isInstanceOf(PaymentResult.Unavailable.class);
    assertThat(((PaymentResult.Unavailable) result).why()).contains("resource_missing");
    stripe.verify(0, postRequestedFor(urlEqualTo("/v1/invoices/" + INVOICE + "/pay")));
  }

  @Test
  void ensureCustomer_longName_isCutToWhatStripeTakes() {
    stripe.stubFor(
        post("/v1/customers").willReturn(okJson(StripeFixtures.object("customer").toString())));
    provider.ensureCustomer(new Payer("dharma", "n".repeat(1_000), null), "cus:long");
    stripe.verify(
        postRequestedFor(urlEqualTo("/v1/customers")).withFormParam("name", matching("n{1,256}")));
  }

  @Test
  void collect_underStripesSmallestCharge_isPendingUntilTheNextInvoice() {
    stubCreation();
    stubPay(okJson(invoice("paid").put("amount_paid", 0).toString()));

    assertThat(provider.collect(order(null, 1))).isInstanceOf(PaymentResult.Pending.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KWD 9.995", "MGA 100.50"})
  void collect_amountStripeCannotCharge_isNotAsked(String amount) {
    CollectionOrder order =
        new CollectionOrder(
            "att_1", "t", "inv_1", "INV-2026-0001", Money.parse(amount), CUSTOMER, null, 1);

    assertThat(provider.collect(order))
        .isEqualTo(new PaymentResult.Unavailable(null, "Stripe cannot charge " + amount));
    stripe.verify(0, postRequestedFor(urlEqualTo("/v1/invoices")));
  }

  @Test
  void collect_lastingOutage_opensTheCircuit() {
    stripe.stubFor(post("/v1/invoices").willReturn(error(500, "api_error", "boom", null)));
    for (int i = 0; i < 10; i++) {
      provider.collect(order(null, 1));
    }
    stripe.resetRequests();

    assertThat(provider.collect(order(null, 1)))
        .isEqualTo(
            new PaymentResult.Unavailable(null, "Stripe failed repeatedly and is given a pause"));
    stripe.verify(0, postRequestedFor(urlEqualTo("/v1/invoices")));
  }

  @Test
  void collect_secondAttempt_paysTheInvoiceThatIsThere() {
    stripe.stubFor(
        get("/v1/invoices/" + INVOICE)
            .willReturn(okJson(invoice("open").put("amount_remaining", 999_900).toString())));
    stubPay(okJson(invoice("paid").put("amount_paid", 999_900).toString()));

    assertThat(provider.collect(order(INVOICE, 2))).isInstanceOf(PaymentResult.Settled.class);
    stripe.verify(0, postRequestedFor(urlEqualTo("/v1/invoices")));
  }

  @Test
  void collect_referenceLost_findsItByMetadata() {
    ObjectNode ours = invoice("paid").put("amount_paid", 999_900);
    ours.putObject("metadata").put("tollgate_invoice", "inv_1");
    ObjectNode page = StripeFixtures.list(invoice("paid"), ours);
    stripe.stubFor(get(urlPathEqualTo("/v1/invoices")).willReturn(okJson(page.toString())));

    assertThat(provider.collect(order(null, 2))).isInstanceOf(PaymentResult.Settled.class);
    stripe.verify(
        getRequestedFor(urlPathEqualTo("/v1/invoices"))
            .withQueryParam("customer", equalTo(CUSTOMER)));
    stripe.verify(0, postRequestedFor(urlEqualTo("/v1/invoices")));
  }

  @Test
  void collect_partPaidElsewhere_voidsAndAsksForTheRest() {
    stripe.stubFor(
        get("/v1/invoices/" + INVOICE)
            .willReturn(okJson(invoice("open").put("amount_remaining", 1_199_900).toString())));
    stripe.stubFor(
        post("/v1/invoices/" + INVOICE + "/void").willReturn(okJson(invoice("void").toString())));
    stubCreation();
    stubPay(okJson(invoice("paid").put("amount_paid", 999_900).toString()));

    assertThat(provider.collect(order(INVOICE, 2)))
        .isEqualTo(new PaymentResult.Settled(INVOICE, Money.parse("INR 9999.00")));
    stripe.verify(1, postRequestedFor(urlEqualTo("/v1/invoices/" + INVOICE + "/void")));
  }

  @Test
  void refund_settledInvoice_refundsItsPaymentIntent() {
    ObjectNode paid = invoice("paid");
    ObjectNode payment = StripeFixtures.object("invoice_payment").put("status", "paid");
    payment.putObject("payment").put("type", "payment_intent").put("payment_intent", "pi_9");
    paid.set("payments", StripeFixtures.list(payment));
    stripe.stubFor(
        get(urlPathEqualTo("/v1/invoices/" + INVOICE)).willReturn(okJson(paid.toString())));
    stripe.stubFor(
        post("/v1/refunds")
            .willReturn(
                okJson(
                    StripeFixtures.object("refund")
                        .put("amount", 100_000)
                        .put("currency", "inr")
                        .toString())));

    PaymentResult result =
        provider.refund(
            new RefundOrder("ref_1", "dharma", "inv_1", INVOICE, Money.parse("INR 1000.00")));

    assertThat(result)
        .isEqualTo(
            new PaymentResult.Settled("re_1Pgc72B7WZ01zgkWqPvrRrPE", Money.parse("INR 1000.00")));
    stripe.verify(
        keyed("/v1/refunds", "ref_1")
            .withFormParam("payment_intent", equalTo("pi_9"))
            .withFormParam("amount", equalTo("100000"))
            .withFormParam("reason", equalTo("requested_by_customer")));
    stripe.verify(
        getRequestedFor(urlPathEqualTo("/v1/invoices/" + INVOICE))
            .withQueryParam("expand[0]", containing("payments")));
  }

  private void stubCreation() {
    stripe.stubFor(
        post("/v1/invoices").willReturn(okJson(invoice("draft").put("total", 0).toString())));
    stripe.stubFor(
        post("/v1/invoiceitems")
            .willReturn(okJson(StripeFixtures.object("invoiceitem").toString())));
    stripe.stubFor(
        post("/v1/invoices/" + INVOICE + "/finalize")
            .willReturn(okJson(invoice("open").toString())));
  }

  private void stubPay(com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder answer) {
    stripe.stubFor(post("/v1/invoices/" + INVOICE + "/pay").willReturn(answer));
  }

  private static CollectionOrder order(@Nullable String reference, int attempt) {
    return new CollectionOrder(
        "att_1",
        "dharma",
        "inv_1",
        "INV-2026-0001",
        Money.parse("INR 9999.00"),
        CUSTOMER,
        reference,
        attempt);
  }

  private static ObjectNode invoice(String status) {
    return StripeFixtures.object("invoice").put("status", status).put("currency", "inr");
  }

  private static RequestPatternBuilder keyed(String path, String key) {
    return postRequestedFor(urlEqualTo(path)).withHeader("Idempotency-Key", equalTo(key));
  }

  private static com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder error(
      int status, String type, String code, @Nullable String declineCode) {
    ObjectNode error = StripeFixtures.empty();
    ObjectNode inner = error.putObject("error");
    inner.put("type", type).put("code", code).put("message", "Your card was declined.");
    if (declineCode != null) {
      inner.put("decline_code", declineCode);
    }
    return aResponse()
        .withStatus(status)
        .withHeader("Content-Type", "application/json")
        .withBody(error.toString());
  }
}
