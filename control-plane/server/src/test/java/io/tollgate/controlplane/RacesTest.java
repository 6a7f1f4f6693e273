package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Commands that meet, each on a connection of its own: one is held before its commit until the
 * other waits for it, or is done where it does not.
 */
@Timeout(60)
class RacesTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private WholeHouse house;
  private String clock;

  @BeforeEach
  void open() {
    house = new WholeHouse(DB);
    clock = house.clock("2026-04-01T00:00:00Z");
  }

  @AfterEach
  void close() {
    threads.close();
    house.close();
  }

  /** A transaction that stands before its commit. */
  private record Held(Future<?> work, CountDownLatch go) {
    void letGo() throws Exception {
      go.countDown();
      work.get();
    }
  }

  private Held hold(Consumer<Transaction> work) throws Exception {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    CountDownLatch go = new CountDownLatch(1);
    Future<?> running =
        threads.submit(
            () ->
                DB.db()
                    .inTransaction(
                        tx -> {
                          work.accept(tx);
                          // After what was kept for the end, a number for one.
                          tx.last(
                              () -> {
                                tx.one("SELECT 1 AS one", row -> row.integer("one"));
                                done.complete(true);
                                await(go);
                              });
                          return true;
                        }));
    done.get();
    return new Held(running, go);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins a command; returns when it waits for another's lock, or is done. */
  private Future<JsonNode> begin(String path, String body, String... headers) throws Exception {
    int before = waiting();
    Future<JsonNode> command = threads.submit(() -> house.post(path, body, headers));
    while (!command.isDone() && waiting() == before) {
      Thread.sleep(5);
    }
    return command;
  }

  private static int waiting() {
    return DB.db()
        .inTransaction(
            tx ->
                tx.one(
                    "SELECT count(*) AS n FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'",
                    row -> row.integer("n")));
  }

  private JsonNode last(String tenant) {
    return house.get("/api/billing/invoices?tenant=" + tenant).path("items").get(0);
  }

  private String total(String tenant) {
    return last(tenant).path("total").asText();
  }

  private String discounted(String tenant) {
    house.apply(
        """
        catalog: coupons
        policies: {dunning: {steps: []}}
        plans: {p: {prices: {INR: {monthly: 100}}}}
        add-ons: {seats: {plans: [p], prices: {INR: {monthly: 30}}}}
        coupons: {ONCE: {percent: 50, periods: 1}}
        """);
    house.tenant(tenant, clock);
    String subscription =
        house.subscribe(
            "{\"tenant\": \"%s\", \"catalog\": \"coupons\", \"plan\": \"p\", \"coupons\": [\"ONCE\"]}"
                .formatted(tenant));
    assertThat(total(tenant)).isEqualTo("50.00");
    house.advance(clock, "2026-04-16T00:00:00Z");
    return subscription;
  }

  private Future<JsonNode> addSeats(String subscription) throws Exception {
    return begin(
        "/api/billing/subscriptions/" + subscription + "/add-ons",
        "{\"addOn\": \"seats\", \"quantity\": 1}",
        "If-Match",
        "*");
  }

  private Future<JsonNode> makeVoid(JsonNode invoice) throws Exception {
    return begin(
        "/api/billing/invoices/" + invoice.path("id").asText() + "/void", "{\"reason\": \"test\"}");
  }

  private void couponIsUsedUp(String tenant) {
    assertThat(total(tenant)).as("seats for half a period").isEqualTo("7.50");
    house.advance(clock, "2026-05-02T00:00:00Z");
    assertThat(total(tenant)).isEqualTo("130.00");
  }

  @Test
  void invoiceVoided_whileAChangeTakesItsCouponInThePeriod_leavesThePeriodCounted()
      throws Exception {
    String subscription = discounted("change-first");
    JsonNode first = last("change-first");
    // The number is the last thing that a change takes: without it, it has done all the rest.
    Held series = hold(tx -> tx.execute("UPDATE invoice_series SET next = next"));
    Future<JsonNode> change = addSeats(subscription);
    assertThat(change.isDone()).isFalse();
    Future<JsonNode> voided = makeVoid(first);
    series.letGo();
    change.get();
    voided.get();
    couponIsUsedUp("change-first");
  }

  @Test
  void invoicePaidFromItsWallet_byTwoAtOnce_takesNoMoreThanIsDue() throws Exception {
    house.apply(catalog("open", ""));
    house.tenant("two-payers", clock);
    house.subscribe(order("two-payers", "open"));
    String invoice = last("two-payers").path("id").asText();
    String wallet =
        house
            .post("/api/billing/wallets", "{\"tenant\": \"two-payers\", \"currency\": \"INR\"}")
            .path("id")
            .asText();
    house.post("/api/billing/wallets/" + wallet + "/grants", "{\"amount\": \"50.00\"}");
    Invoices invoices = house.rooms.the(InvoiceRoom.class).invoices();
    TestApi.Answer wrong =
        house
            .api
            .as("admin")
            .post("/api/billing/invoices/" + invoice + "/pay-from-wallet", "{\"amount\": \"0\"}");
    assertThat(wrong.status()).as(wrong.text()).isEqualTo(422);
    Held first =
        hold(
            tx ->
                invoices.payFromWallet(
                    tx, invoice, Money.parse("INR 20.00"), Instant.parse("2026-04-01T00:00:00Z")));
    Future<JsonNode> second =
        begin("/api/billing/invoices/" + invoice + "/pay-from-wallet", "{\"amount\": \"20.00\"}");
    assertThat(second.isDone()).isFalse();
    first.letGo();
    assertThat(second.get().path("status").asText()).isEqualTo("PAID");
    assertThat(second.get().path("paidByWallet").asText()).isEqualTo("30.00");
    assertThat(house.get("/api/billing/wallets/" + wallet).path("balance").asText())
        .isEqualTo("20.00");
    TestApi.Answer third =
        house.api.as("admin").post("/api/billing/invoices/" + invoice + "/pay-from-wallet", "{}");
    assertThat(third.status()).as(third.text()).isEqualTo(409);
  }

  private void seller(String catalog, String seller) {
    house.apply(catalog(catalog, seller));
  }

  private static String catalog(String catalog, String seller) {
    return """
    catalog: %s
    seller: {%scountry: IN}
    policies: {dunning: {steps: []}}
    plans: {p: {prices: {INR: {monthly: 30}}}}
    """
        .formatted(catalog, seller);
  }

  private static String order(String tenant, String catalog) {
    return "{\"tenant\": \"%s\", \"catalog\": \"%s\", \"plan\": \"p\"}".formatted(tenant, catalog);
  }

  @Test
  void catalogThatJoinsASeller_whileItsDocumentIsNumbered_givesNoNumberTwice() throws Exception {
    seller("single", "");
    seller("named", "name: Joint Ltd, ");
    for (String tenant : new String[] {"single-1", "single-2", "named-1", "named-2"}) {
      house.tenant(tenant, clock);
    }
    house.subscribe(order("single-1", "single"));
    house.subscribe(order("named-1", "named"));
    assertThat(last("single-1").path("number").asText()).isEqualTo("INV-2026-0001");
    assertThat(last("named-1").path("number").asText()).isEqualTo("INV-2026-0001");
    Subscriptions subscriptions = house.rooms.the(Subscriptions.class);
    Held numbered =
        hold(
            tx ->
                subscriptions.start(
                    tx, "test", JsonFields.of(Wire.tree(order("single-2", "single")))));
    Future<JsonNode> joined =
        begin(
            "/api/billing/catalogs",
            catalog("single", "name: Joint Ltd, "),
            "Content-Type",
            "application/yaml");
    Future<JsonNode> next = begin("/api/billing/subscriptions", order("named-2", "named"));
    numbered.letGo();
    joined.get();
    next.get();
    assertThat(last("single-2").path("number").asText()).isEqualTo("INV-2026-0002");
    assertThat(last("named-2").path("number").asText()).isEqualTo("INV-2026-0003");
  }
}
