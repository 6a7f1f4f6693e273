package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.database.DatabaseSettings;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas as processes of their own share a run of back-dated subscriptions and are killed in the
 * middle of it. {@code -Dtollgate.scale=20} makes it twenty times as long.
 */
class ReplicasTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final int TENANTS = 200 * Integer.getInteger("tollgate.scale", 1);
  private static final int CHUNK = 50;
  private static final int MONTHS = 10;
  private static final ZoneId INDIA = ZoneId.of("Asia/Kolkata");
  private static final String BAD = "r7";
  private static final String CATALOG =
      """
      catalog: shared
      title: Shared
      seller: {name: Shared Ltd, country: IN, region: MH}
      policies: {dunning: {due-day: 20, steps: [{day: 30, state: grace, reminder: grace}]}}
      products: {api: {title: API}}
      meters: {calls: {title: API calls, unit: call}}
      plans:
        pro:
          product: api
          title: Pro
          prices: {INR: {monthly: 999}}
          charges:
            calls: {title: API calls, meter: calls, prices: {INR: {model: per-unit, unit-price: 0.1}}}
      """;

  @TempDir Path folder;

  private final Deque<Process> replicas = new ArrayDeque<>();
  private final ZonedDateTime start =
      ZonedDateTime.now(INDIA).minusMonths(MONTHS).minusDays(1).withNano(0);
  private WholeHouse house;

  @BeforeEach
  void furnish() {
    house = new WholeHouse(DB);
    house.apply(CATALOG);
    Tenants tenants = house.rooms.the(Tenants.class);
    Subscriptions subscriptions = house.rooms.the(Subscriptions.class);
    for (int from = 0; from < TENANTS; from += CHUNK) {
      int first = from;
      DB.db()
          .inTransaction(
              tx -> {
                for (int i = first; i < first + CHUNK; i++) {
                  tenants.create(tx, "test", tenant("r" + i));
                  subscriptions.start(tx, "test", order("r" + i), List.of());
                }
                return true;
              });
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Process replica : replicas) {
      replica.destroyForcibly().waitFor();
    }
    house.close();
  }

  @Test
  void run_whoseReplicasAreKilled_makesEachInvoiceOnceWithoutAGapInTheNumbers()
      throws IOException, InterruptedException {
    poison();
    start();
    start();
    long expected = (MONTHS + 1L) * TENANTS - MONTHS;
    for (int percent : List.of(15, 40, 65, 85)) {
      await(() -> count("invoices") >= expected * percent / 100);
      // The killed one may hold a batch half done; its locks go with its connections.
      replicas.removeFirst().destroyForcibly().waitFor();
      start();
    }
    await(() -> count("invoices") >= expected && dueNow() == 0 && waiting() == 0);

    JsonNode aside = house.get("/api/billing/agenda/set-aside").path("items");
    assertThat(aside).hasSize(1);
    assertThat(aside.get(0).path("tenant").asText()).isEqualTo(BAD);
    assertThat(aside.get(0).path("error").asText()).contains("invoice_claims");
    everyInvoiceOnce(false);

    DB.db()
        .inTransaction(
            tx -> tx.execute("DELETE FROM invoice_claims WHERE invoice = 'left-behind'"));
    house.post("/api/billing/agenda/set-aside/" + aside.get(0).path("id").asText() + "/retry", "");
    await(() -> count("invoices") >= expected + MONTHS && dueNow() == 0);
    everyInvoiceOnce(true);
    assertThat(house.get("/api/billing/audit/verification").path("intact").asBoolean()).isTrue();
    assertThat(house.get("/api/billing/agenda/set-aside").path("items")).isEmpty();
  }

  /** The bad tenant's next period is claimed already, as if a row had been left behind. */
  private void poison() {
    DB.db()
        .inTransaction(
            tx -> {
              tx.execute(
                  "INSERT INTO invoice_claims (subscription, kind, period_start, tenant, invoice,"
                      + " revision) SELECT id, 'ADVANCE', period_end, tenant, 'left-behind', 1"
                      + " FROM subscriptions WHERE tenant = $1",
                  BAD);
              // Its patience is used up, so that its first failure sets it aside.
              return tx.execute(
                  "UPDATE agenda SET attempts = 3 WHERE tenant = $1 AND kind = $2",
                  BAD,
                  Subscriptions.TURN);
            });
  }

  private void everyInvoiceOnce(boolean theBadOneToo) {
    List<Instant> periods = new ArrayList<>();
    for (int month = 0; month <= MONTHS; month++) {
      periods.add(start.plusMonths(month).toInstant());
    }
    DB.db()
        .inTransaction(
            tx -> {
              for (int i = 0; i < TENANTS; i++) {
                String tenant = "r" + i;
                List<Instant> billed =
                    tx.list(
                        "SELECT period_start FROM invoices WHERE tenant = $1 ORDER BY period_start",
                        row -> row.instant("period_start"),
                        tenant);
                assertThat(billed)
                    .as(tenant)
                    .isEqualTo(
                        tenant.equals(BAD) && !theBadOneToo ? periods.subList(0, 1) : periods);
              }
              List<String> gaps =
                  tx.list(
                      "SELECT series FROM invoices GROUP BY series"
                          + " HAVING min(ordinal) <> 1 OR max(ordinal) <> count(*)",
                      row -> row.text("series"));
              assertThat(gaps).as("series with gaps").isEmpty();
              return true;
            });
  }

  private void start() throws IOException {
    Files.writeString(folder.resolve("token"), "an-admin-token-for-tests");
    DatabaseSettings database = DB.settings();
    Path config =
        Files.writeString(
            folder.resolve("config" + System.nanoTime() + ".yaml"),
            """
            listen: {port: 0}
            database: {port: %d, name: %s, user: %s, migrator: {user: %s}, pool: 8}
            workers: 2
            tokens: [{role: admin, secret: {file: '%s'}}]
            """
                .formatted(
                    database.port(),
                    database.name(),
                    database.app().user(),
                    database.migrator().user(),
                    folder.resolve("token")));
    replicas.addLast(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                ControlPlaneMainTest.classPath(),
                ControlPlaneMain.class.getName(),
                "--config",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(config.getFileName() + ".log").toFile())
            .start());
  }

  private interface Condition {
    boolean holds();
  }

  private void await(Condition condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4L * TENANTS / 200);
    while (!condition.holds()) {
      for (Process replica : replicas) {
        assertThat(replica.isAlive()).as("a replica ended by itself").isTrue();
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "nothing more happens: %d invoices, %d due, %d waiting, set aside %s"
                .formatted(
                    count("invoices"),
                    dueNow(),
                    waiting(),
                    house.get("/api/billing/agenda/set-aside")));
      }
      Thread.sleep(20);
    }
  }

  private static long count(String table) {
    return DB.db()
        .inTransaction(tx -> tx.one("SELECT count(*) AS n FROM " + table, row -> row.whole("n")));
  }

  private static long dueNow() {
    return DB.db()
        .inTransaction(
            tx ->
                tx.one(
                    "SELECT count(*) AS n FROM agenda WHERE due_at <= now()"
                        + " AND set_aside_at IS NULL",
                    row -> row.whole("n")));
  }

  private static long waiting() {
    return count("outbox");
  }

  private Tenant tenant(String id) {
    return new Tenant(
        id,
        id,
        INDIA,
        CurrencyUnit.of("INR"),
        BillingDetails.named(id),
        null,
        1,
        Instant.now().minus(Duration.ofDays(365)),
        null);
  }

  private Order order(String tenant) {
    return new Order(
        tenant,
        "shared",
        "pro",
        1,
        CurrencyUnit.of("INR"),
        Cycle.MONTHLY,
        INDIA,
        start.toInstant(),
        null,
        false,
        null,
        Map.of());
  }
}
