package io.tollgate.controlplane.payment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attempts, receipts, refunds and a provider's word, over HTTP and a real database. */
class PaymentsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant NOW = Instant.parse("2026-03-07T00:00:00Z");
  private static final AtomicInteger TENANT = new AtomicInteger();
  private static final Money ALL = Money.parse("INR 9999.00");

  private final InstantSource clock = InstantSource.fixed(NOW);
  private final Ids ids = new Ids(InstantSource.system(), new SecureRandom());
  private final Invoices invoices = new Invoices(ids);
  private final Outbox outbox = new Outbox(DB.db(), clock);
  private final List<String> events = new ArrayList<>();
  private final FakeProvider provider = new FakeProvider();
  private final List<Attempt> declined = new ArrayList<>();
  private Payments payments;
  private TestApi api;
  private String tenant = "";
  private String invoice = "";

  /** A provider that answers as it is told and remembers what it was asked. */
  private static final class FakeProvider implements PaymentProvider {
    final List<CollectionOrder> orders = new ArrayList<>();
    Function<CollectionOrder, PaymentResult> collects =
        order -> new PaymentResult.Settled("ref:" + order.invoice(), order.amount());
    PaymentResult refunds = new PaymentResult.Settled("re_1", Money.parse("INR 100.00"));
    PaymentResult finds = new PaymentResult.Unavailable(null, "not asked");
    int customers;

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public CustomerResult ensureCustomer(Payer payer, String idempotencyKey) {
      customers++;
      return new CustomerResult.Ready("cus_" + payer.tenant());
    }

    @Override
    public PaymentResult collect(CollectionOrder order) {
      orders.add(order);
      return collects.apply(order);
    }

    @Override
    public PaymentResult refund(RefundOrder order) {
      return refunds;
    }

    @Override
    public PaymentResult find(String reference) {
      return finds;
    }
  }

  @BeforeEach
  void start() {
    tenant = "pay-" + TENANT.incrementAndGet();
    invoice = TestInvoices.open(DB.db(), invoices, tenant, "sub_1", "9999.00", NOW);
    outbox.subscribe(
        "test",
        kind -> true,
        (tx, published) -> published.stream().map(Event::kind).forEach(events::add));
    payments =
        new Payments(
            new PaymentParts(
                DB.db(),
                invoices,
                (tx, who) -> new Payer(who, "Dharma Gau Raksha", "a@b.in"),
                new TenantClocks(clock),
                outbox,
                new Audit(clock),
                ids),
            new PaymentProviders(List.of(provider, new ManualProvider())));
    payments.listen((tx, attempt) -> declined.add(attempt));
    api = TestApi.start(DB, clock, payments);
  }

  @AfterEach
  void stop() {
    api.close();
    outbox.drain();
  }

  @Test
  void collect_settled_paysTheInvoiceAndSaysSo() {
    Attempt attempt = payments.collect(invoice, "system").orElseThrow();

    assertThat(attempt.state()).isEqualTo(Attempt.State.SETTLED);
    assertThat(invoice().status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(provider.orders.getFirst().key()).isEqualTo(attempt.id());
    outbox.drain();
    assertThat(events).containsExactly("payment.settled");
    assertThat(payments.collect(invoice, "system")).isEmpty();
  }

  @Test
  void collect_declined_leavesItOpenAndTellsTheListener() {
    provider.collects =
        order -> new PaymentResult.Declined("in_1" + tenant, "card_declined", "No.");
    payments.collect(invoice, "system");
    provider.collects = order -> new PaymentResult.Settled("in_1" + tenant, order.amount());
    payments.collect(invoice, "system");

    assertThat(declined).hasSize(1);
    assertThat(invoice().status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(provider.orders.get(1).reference()).isEqualTo("in_1" + tenant);
    assertThat(provider.orders.get(1).attempt()).isEqualTo(2);
    assertThat(provider.orders.get(1).key()).isNotEqualTo(provider.orders.get(0).key());
    assertThat(provider.customers).isEqualTo(1);
  }

  @Test
  void collect_outage_isNoDecline() {
    provider.collects = order -> new PaymentResult.Unavailable(null, "down");
    assertThat(payments.collect(invoice, "system").orElseThrow().state())
        .isEqualTo(Attempt.State.UNAVAILABLE);
    assertThat(declined).isEmpty();
  }

  @Test
  void collect_twiceAtOnce_asksTheProviderOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    provider.collects =
        order -> {
          asked.countDown();
          await(go);
          return new PaymentResult.Settled("in_1" + tenant, order.amount());
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(() -> payments.collect(invoice, "system"));
      await(asked);
      assertThat(api.as("operator").post(path("/collect"), "").status()).isEqualTo(409);
      go.countDown();
      assertThat(first.get()).isPresent();
    }
    assertThat(provider.orders).hasSize(1);
  }

  @Test
  void collect_processDiedWhileAsking_isTakenUpAfterTheTimeout() {
    DB.db()
        .inTransaction(
            tx -> {
              payments.store().insert(tx, sent(), NOW.minusSeconds(1));
              return true;
            });
    assertThat(payments.collect(invoice, "system").orElseThrow().number()).isEqualTo(2);
    assertThat(invoice().status()).isEqualTo(InvoiceStatus.PAID);
    JsonNode items = api.as("viewer").get(path("/payments")).json().path("items");
    assertThat(items.findValuesAsText("state")).containsExactly("UNAVAILABLE", "SETTLED");
  }

  @Test
  void record_whatIsDueByManyAtOnce_countsOnce() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Integer> record = () -> api.as("operator").post(path("/payments"), "{}").status();
      for (Future<Integer> status : threads.invokeAll(Collections.nCopies(8, record))) {
        statuses.add(status.get());
      }
    }
    assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 409);
    JsonNode items = api.as("viewer").get(path("/payments")).json().path("items");
    assertThat(items.findValuesAsText("state")).containsExactly("SETTLED");
  }

  @Test
  void record_bankTransfer_paysInParts() {
    Answer part =
        api.as("operator")
            .post(
                path("/payments"),
                "{\"amount\": {\"amount\": \"4000.00\", \"currency\": \"INR\"},"
                    + " \"reference\": \"UTR1"
                    + tenant
                    + "\"}");
    assertThat(part.status()).isEqualTo(201);
    assertThat(part.json().path("kind").asText()).isEqualTo("RECEIPT");
    assertThat(invoice().amountDue()).isEqualTo(Money.parse("INR 5999.00"));
    assertThat(api.as("operator").post(path("/payments"), "").status()).isEqualTo(201);
    assertThat(invoice().status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(api.as("operator").post(path("/payments"), "").status()).isEqualTo(409);
  }

  @Test
  void record_sameReferenceTwice_isAConflict() {
    String body =
        "{\"amount\": {\"amount\": \"1.00\", \"currency\": \"INR\"}, \"reference\": \"UTR2%s\"}"
            .formatted(tenant);
    assertThat(api.as("operator").post(path("/payments"), body).status()).isEqualTo(201);
    assertThat(api.as("operator").post(path("/payments"), body).status()).isEqualTo(409);
    assertThat(invoice().amountDue()).isEqualTo(Money.parse("INR 9998.00"));
  }

  @Test
  void record_badInput_namesTheField() {
    for (String amount : List.of("-1.00", "0.00", "1.001", "x")) {
      Answer answer =
          api.as("operator")
              .post(
                  path("/payments"),
                  "{\"amount\": {\"amount\": \"%s\", \"currency\": \"INR\"}}".formatted(amount));
      assertThat(answer.status()).as(amount).isEqualTo(422);
      assertThat(answer.text()).contains("amount");
    }
    for (String currency : List.of("USD", "inr")) {
      Answer answer =
          api.as("operator")
              .post(
                  path("/payments"),
                  "{\"amount\": {\"amount\": \"1.00\", \"currency\": \"%s\"}}".formatted(currency));
      assertThat(answer.status()).as(currency).isEqualTo(422);
      assertThat(answer.text()).contains(currency.equals("inr") ? "amount.currency" : "amount");
    }
    assertThat(api.as("operator").post("/api/billing/invoices/nope/payments", "").status())
        .isEqualTo(404);
    assertThat(api.as("viewer").post(path("/payments"), "").status()).isEqualTo(403);
  }

  @Test
  void report_paidAtTheProvidersPage_isBookedOnceHoweverOftenItComes() {
    provider.collects = order -> new PaymentResult.Declined("in_9", "card_declined", "No.");
    payments.collect(invoice, "system");
    provider.finds = new PaymentResult.Settled("in_9" + tenant, ALL);
    for (String event : List.of("evt_1", "evt_1", "evt_2")) {
      payments.report(new ProviderNotice("fake", event + tenant, tenant, invoice, "in_9" + tenant));
    }
    assertThat(invoice().status()).isEqualTo(InvoiceStatus.PAID);
    JsonNode items = api.as("viewer").get(path("/payments")).json().path("items");
    assertThat(items.findValuesAsText("state")).containsExactly("DECLINED", "SETTLED");
  }

  @Test
  void report_beforeTheAnswerOfOurOwnCall_booksTheMoneyOnce() {
    provider.collects =
        order -> {
          provider.finds = new PaymentResult.Settled("in_7" + tenant, ALL);
          payments.report(
              new ProviderNotice("fake", "evt_7" + tenant, tenant, invoice, "in_7" + tenant));
          return new PaymentResult.Settled("in_7" + tenant, ALL);
        };
    payments.collect(invoice, "system");

    assertThat(invoice().status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(invoice().settled().paid()).isEqualTo(ALL);
    JsonNode items = api.as("viewer").get(path("/payments")).json().path("items");
    assertThat(items.findValuesAsText("state")).containsExactly("SETTLED");
    outbox.drain();
    assertThat(events).containsExactly("payment.settled");
  }

  @Test
  void report_stillUnpaid_changesNothing() {
    provider.finds = new PaymentResult.Pending("in_9", "unpaid", null);
    payments.report(new ProviderNotice("fake", "evt_8" + tenant, tenant, invoice, "in_9"));
    assertThat(invoice().status()).isEqualTo(InvoiceStatus.OPEN);
  }

  @Test
  void refund_afterACreditNote_givesBackAndNoMoreThanThat() {
    Attempt paid = payments.collect(invoice, "system").orElseThrow();
    String refunds = "/api/billing/payments/" + paid.id() + "/refunds";
    String hundred = "{\"amount\": {\"amount\": \"100.00\", \"currency\": \"INR\"}}";
    var early = api.as("operator").post(refunds, hundred);
    assertThat(early.status()).isEqualTo(422);
    assertThat(early.json().path("detail").asText())
        .startsWith("amount: the balance of ")
        .contains("is below INR 100.00; a credit note with refund puts there what was paid");
    balance("100.00");
    provider.refunds = new PaymentResult.Declined(null, "expired", "The card has expired.");
    assertThat(api.as("operator").post(refunds, hundred).json().path("state").asText())
        .isEqualTo("DECLINED");
    provider.refunds = new PaymentResult.Settled("re_" + tenant, Money.parse("INR 100.00"));
    var settled = api.as("operator").post(refunds, hundred);
    assertThat(settled.json().path("state").asText()).isEqualTo("SETTLED");
    String refund = settled.json().path("id").asText();
    var again = api.as("operator").post("/api/billing/payments/" + refund + "/refunds", hundred);
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.json().path("detail").asText())
        .isEqualTo(refund + " is a refund; only money that came in is given back");
    assertThat(api.as("operator").post(refunds, hundred).status()).isEqualTo(422);
  }

  @Test
  void payments_ofAnotherTenant_areNotSeen() {
    payments.collect(invoice, "system");
    var stranger = api.asTenant("pay-stranger");
    assertThat(stranger.get(path("/payments")).status()).isEqualTo(404);
    assertThat(stranger.get("/api/billing/payments").json().path("items")).isEmpty();
    assertThat(api.asTenant(tenant).get("/api/billing/payments").json().path("items")).hasSize(1);
  }

  @Test
  void method_set_isUsedForTheNextCollection() {
    String method = "/api/billing/tenants/" + tenant + "/payment-method";
    assertThat(api.as("operator").put(method, "{\"provider\": \"manual\"}").status())
        .isEqualTo(200);
    assertThat(payments.collect(invoice, "system").orElseThrow().state())
        .isEqualTo(Attempt.State.PENDING);
    assertThat(api.as("operator").put(method, "{\"provider\": \"paypal\"}").status())
        .isEqualTo(422);
    assertThat(provider.orders).isEmpty();
  }

  private String path(String what) {
    return "/api/billing/invoices/" + invoice + what;
  }

  private Invoice invoice() {
    return DB.db().inTransaction(tx -> invoices.find(tx, invoice).orElseThrow());
  }

  /** As a credit note would, without composing an invoice with lines. */
  private void balance(String amount) {
    DB.db()
        .inTransaction(
            tx ->
                invoices.pay(
                    tx,
                    new io.tollgate.controlplane.invoice.Payment(
                        invoice, Money.parse("INR " + amount), "credit:" + tenant, NOW)));
  }

  private Attempt sent() {
    return new Attempt(
        "pay_00" + tenant,
        tenant,
        invoice,
        "fake",
        Attempt.Kind.COLLECTION,
        1,
        ALL,
        Attempt.Answer.NONE,
        null,
        "system",
        NOW);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
