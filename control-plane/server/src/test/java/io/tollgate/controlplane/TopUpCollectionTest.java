package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.payment.CollectionOrder;
import io.tollgate.controlplane.payment.CustomerResult;
import io.tollgate.controlplane.payment.ManualProvider;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentProvider;
import io.tollgate.controlplane.payment.PaymentProviders;
import io.tollgate.controlplane.payment.PaymentResult;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.payment.ProviderNotice;
import io.tollgate.controlplane.payment.RefundOrder;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.TestApi;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Money that a wallet asks for by itself is charged at once and put in once, by the wall clock,
 * with two replicas and a process that dies between the two.
 */
@Timeout(60)
class TopUpCollectionTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final AtomicInteger TENANT = new AtomicInteger();

  /** Dunning tries on day 7 first, as document 002 says. */
  private static final String CATALOG =
      """
      catalog: refills
      plans: {pro: {prices: {INR: {monthly: 10}}}}
      """;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-07T10:00:00Z"));
  private final Bank bank = new Bank();
  private final String tenant = "refill-" + TENANT.incrementAndGet();
  private Rooms rooms = rooms();
  private TestApi api = api(rooms);

  /** Who charges each of our invoices once, however often it is asked, and says so each time. */
  private static final class Bank implements PaymentProvider {
    final Map<String, PaymentResult.Settled> charged = new ConcurrentHashMap<>();
    final AtomicInteger asked = new AtomicInteger();
    volatile Function<PaymentResult, PaymentResult> answers = result -> result;

    @Override
    public String name() {
      return "bank";
    }

    @Override
    public CustomerResult ensureCustomer(Payer payer, String idempotencyKey) {
      return new CustomerResult.Ready("cus_" + payer.tenant());
    }

    @Override
    public PaymentResult collect(CollectionOrder order) {
      asked.incrementAndGet();
      return answers.apply(
          charged.computeIfAbsent(
              order.invoice(), id -> new PaymentResult.Settled("ref:" + id, order.amount())));
    }

    @Override
    public PaymentResult refund(RefundOrder order) {
      return new PaymentResult.Unavailable(null, "not asked");
    }

    @Override
    public PaymentResult find(String reference) {
      return charged.values().stream()
          .filter(each -> each.reference().equals(reference))
          .findFirst()
          .orElseThrow();
    }
  }

  /** The process ends here. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private Rooms rooms() {
    return Rooms.furnish(
        OpenApiTest.settings(),
        DB.db(),
        now::get,
        new PaymentProviders(List.of(new ManualProvider(), bank)));
  }

  private TestApi api(Rooms of) {
    return TestApi.start(
        DB, now::get, of.all().stream().filter(room -> room != of.tokens()).toArray(Room[]::new));
  }

  @BeforeEach
  void subscribe() {
    post("/api/billing/catalogs", CATALOG, "Content-Type", "application/yaml");
    post(
        "/api/billing/tenants",
        "{\"id\": \"%s\", \"name\": \"%s\", \"currency\": \"INR\"}".formatted(tenant, tenant));
    TestApi.Answer chosen =
        api.as("admin")
            .put("/api/billing/tenants/" + tenant + "/payment-method", "{\"provider\": \"bank\"}");
    assertThat(chosen.status()).as(chosen.text()).isEqualTo(200);
    post(
        "/api/billing/wallets",
        "{\"tenant\": \"%s\", \"currency\": \"INR\", \"topUp\": {\"below\": 5, \"amount\": 20}}"
            .formatted(tenant));
    post("/api/billing/subscriptions", "{\"tenant\": \"%s\", \"plan\": \"pro\"}".formatted(tenant));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void post(String path, String body, String... headers) {
    TestApi.Answer answer = api.as("admin").post(path, body, headers);
    assertThat(answer.status()).as(answer.text()).isBetween(200, 201);
  }

  private BigDecimal deposited() {
    return ask(
        tx ->
            tx.one(
                "SELECT coalesce(sum(t.amount), 0) AS amount FROM wallet_transfers t"
                    + " JOIN wallets w ON w.id = t.wallet"
                    + " WHERE w.tenant = $1 AND t.kind = 'DEPOSIT'",
                row -> row.decimal("amount"),
                tenant));
  }

  private long topUps() {
    return ask(
        tx ->
            tx.one(
                "SELECT count(*) AS n FROM wallet_top_ups WHERE tenant = $1",
                row -> row.whole("n"),
                tenant));
  }

  private static <T> T ask(Function<Transaction, T> question) {
    return DB.db().inTransaction(question);
  }

  private void filledOnce() {
    assertThat(deposited()).isEqualByComparingTo("20");
    assertThat(topUps()).isEqualTo(1);
    assertThat(bank.charged).hasSize(1);
  }

  @Test
  void automatic_isChargedAtOnceAndPutInOnce() {
    rooms.agenda().runDue();
    rooms.agenda().runDue();

    filledOnce();
    assertThat(bank.asked).hasValue(1);
  }

  @Test
  void automatic_byTwoReplicas_isChargedAndPutInOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    bank.answers =
        result -> {
          asked.countDown();
          await(go);
          return result;
        };
    Rooms other = rooms();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> first = threads.submit(() -> rooms.agenda().runDue());
      await(asked);
      other.agenda().runDue();
      go.countDown();
      first.get();
      other.agenda().runDue();
    }
    filledOnce();
    assertThat(bank.asked).hasValue(1);
  }

  @Test
  void automatic_whoseProcessDiesAfterTheCharge_isPutInOnce() throws Exception {
    killed();
    assertThat(deposited()).isEqualByComparingTo("0");
    assertThat(bank.charged).hasSize(1);

    // Another replica finds the attempt under way, waits until it cannot be, and asks again.
    bank.answers = result -> result;
    rooms = rooms();
    for (int i = 0; i < 4; i++) {
      now.updateAndGet(at -> at.plus(Duration.ofMinutes(16)));
      rooms.agenda().runDue();
    }
    filledOnce();
  }

  @Test
  void automatic_whoseProcessDiesAfterTheCharge_isPutInOnceByTheBanksWord() throws Exception {
    killed();
    bank.answers = result -> result;
    Map.Entry<String, PaymentResult.Settled> charge = bank.charged.entrySet().iterator().next();
    for (int i = 0; i < 2; i++) {
      rooms
          .the(Payments.class)
          .report(
              new ProviderNotice(
                  "bank", "evt_" + i, tenant, charge.getKey(), charge.getValue().reference()));
      assertThat(deposited()).isEqualByComparingTo("20");
    }
    for (int i = 0; i < 4; i++) {
      now.updateAndGet(at -> at.plus(Duration.ofMinutes(16)));
      rooms.agenda().runDue();
    }
    filledOnce();
  }

  /** Works the agenda up to where the bank has charged, and no further. */
  private void killed() throws InterruptedException {
    bank.answers =
        result -> {
          throw new Killed();
        };
    Thread process =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, end) -> {})
            .start(() -> rooms.agenda().runDue());
    process.join();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
