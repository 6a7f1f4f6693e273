package io.tollgate.controlplane.invoice.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.time.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The run on real rooms: catalogs of the documents, test clocks, usage, replicas, a bad tenant. */
class InvoiceRunTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final ZoneId INDIA = ZoneId.of("Asia/Kolkata");
  private static final Instant START =
      LocalDate.of(2026, 1, 31).atTime(10, 0).atZone(INDIA).toInstant();
  private static World world;

  @BeforeAll
  static void applyCatalogs() throws IOException {
    world = new World(DB.db(), START);
    for (String name : List.of("gaudaan", "atom", "services")) {
      world.apply(Files.readString(Path.of("../../examples/catalogs/" + name + ".yaml")));
    }
  }

  @Test
  void run_overMonthEndsInvoicesEachPeriodOnceWithoutDrift() {
    TestClock clock = world.clock(START);
    world.tenant("dharma", "Asia/Kolkata", "INR", clock.id());
    world.subscribe("dharma", "gaudaan", "premium", Map.of());
    for (int month = 0; month < 12; month++) {
      world.use("dharma", "calls", 1000 + month);
      advance(clock, month + 1);
    }
    List<InvoiceDetails> invoices = world.invoices("dharma");
    assertThat(invoices).hasSize(13);
    assertThat(invoices.stream().map(i -> i.invoice().issuedOn().getDayOfMonth()).toList())
        .containsExactly(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31);
    for (int i = 1; i < invoices.size(); i++) {
      assertThat(invoices.get(i).invoice().period().start())
          .isEqualTo(invoices.get(i - 1).invoice().period().end());
    }
    assertThat(world.reconcile("dharma").reconciled()).isTrue();
  }

  @Test
  void run_pricesUsageByTiersAndReconcilesToTheUnit() {
    TestClock clock = world.clock(START);
    world.tenant("tiers", "Asia/Kolkata", "USD", clock.id());
    Revision start = world.subscribe("tiers", "services", "usage", Map.of());
    world.use("tiers", "api_calls", 12_345);
    advance(clock, 1);
    InvoiceDetails invoice = world.invoices("tiers").getLast();
    InvoiceLine usage =
        invoice.lines().stream()
            .filter(line -> line.charge() instanceof Charge.Usage)
            .findFirst()
            .orElseThrow();
    // 1,000 x 0.10 + 9,000 x 0.08 + 2,345 x 0.05
    assertThat(usage.amount().getAmount()).isEqualByComparingTo("937.25");
    Reconciliation reconciliation = world.reconcile("tiers");
    assertThat(reconciliation.reconciled()).isTrue();
    assertThat(reconciliation.meters())
        .singleElement()
        .satisfies(
            m -> {
              assertThat(m.metered()).isEqualTo(12_345);
              assertThat(m.rated()).isEqualByComparingTo("12345");
            });
    world.use("tiers", "api_calls", 5);
    assertThat(world.reconcile("tiers").meters().getFirst().unbilled()).isEqualTo(5);
    assertThat(start.after().current().start()).isEqualTo(START);
  }

  @Test
  void run_ofAMeterWithDecimals_reconcilesByWhatIsCounted() {
    world.apply(
        """
        catalog: weighed
        meters: {kilos: {title: Kilos, unit: kg, decimals: 2}}
        plans:
          post:
            prices: {USD: {monthly: 1}}
            charges:
              kilos: {meter: kilos, prices: {USD: {model: per-unit, unit-price: 2}}}
        """);
    TestClock clock = world.clock(START);
    world.tenant("weighed", "UTC", "USD", clock.id());
    world.subscribe("weighed", "weighed", "post", Map.of());
    world.use("weighed", "kilos", 150);
    advance(clock, 1);
    assertThat(world.invoices("weighed").getLast().invoice().totals().subtotal().getAmount())
        .isEqualByComparingTo("4.00");
    Reconciliation reconciliation = world.reconcile("weighed");
    assertThat(reconciliation.lines().getFirst().rated()).isEqualByComparingTo("150");
    assertThat(reconciliation.meters().getFirst().difference()).isEqualByComparingTo("0");
    assertThat(reconciliation.reconciled()).isTrue();
  }

  @Test
  void run_dayByDayOrInOneGoGivesTheSameInvoices() {
    List<List<String>> runs = new ArrayList<>();
    for (int stepDays : List.of(1, 7, 95)) {
      TestClock clock = world.clock(START);
      String tenant = "step" + stepDays;
      world.tenant(tenant, "Asia/Kolkata", "INR", clock.id());
      Revision start =
          world.subscribe(tenant, "gaudaan", "starter", Map.of("extra-admin-seats", 2));
      Instant change = START.plus(Duration.ofDays(40));
      for (Instant to = START; to.isBefore(change); ) {
        to = earlier(to.plus(Duration.ofDays(stepDays)), change);
        world.testClocks.advance(clock.id(), to);
      }
      world.tx(
          tx ->
              world.subscriptions.change(
                  tx,
                  "test",
                  start.after().id(),
                  new Change.ToPlan("premium", 1, start.after().cycle(), null),
                  null));
      Instant end = START.plus(Duration.ofDays(135));
      for (Instant to = change; to.isBefore(end); ) {
        to = earlier(to.plus(Duration.ofDays(stepDays)), end);
        world.testClocks.advance(clock.id(), to);
      }
      runs.add(
          world.invoices(tenant).stream()
              .map(i -> i.invoice().issuedAt() + " " + lines(i) + i.invoice().totals().total())
              .toList());
    }
    assertThat(runs.get(0)).hasSizeGreaterThan(5).isEqualTo(runs.get(1)).isEqualTo(runs.get(2));
  }

  @Test
  void run_sharedByReplicasMakesEachInvoiceOnceAndSetsABadTenantAside() throws Exception {
    World replicas = new World(DB.db(), START);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String tenant = "many" + i;
      replicas.tenant(tenant, "Asia/Kolkata", "INR", null);
      replicas.subscribe(tenant, "gaudaan", "starter", Map.of());
      all.add(tenant);
    }
    Instant due = LocalDate.of(2026, 2, 28).atTime(10, 0).atZone(INDIA).toInstant();
    // The bad one: its next period is claimed already, as if a row had been left behind.
    replicas.tx(
        tx ->
            tx.execute(
                "INSERT INTO invoice_claims (subscription, kind, period_start, tenant, invoice,"
                    + " revision) SELECT id, 'ADVANCE', $1, tenant, 'left-behind', 1"
                    + " FROM subscriptions WHERE tenant = 'many7'",
                due));
    List<World> workers = List.of(new World(DB.db(), due), new World(DB.db(), due));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> runs =
          workers.stream().map(worker -> threads.submit(() -> worker.agenda.runDue())).toList();
      for (Future<Integer> run : runs) {
        run.get();
      }
    }
    for (String tenant : all) {
      assertThat(replicas.invoices(tenant)).as(tenant).hasSize(tenant.equals("many7") ? 1 : 2);
    }
    String error =
        replicas.tx(
            tx ->
                tx.one(
                    "SELECT error FROM agenda WHERE tenant = 'many7'", row -> row.text("error")));
    assertThat(error).contains("invoice_claims");
  }

  private static String lines(InvoiceDetails invoice) {
    return invoice.lines().stream()
        .map(line -> line.charge().kind() + line.period() + line.quantity() + line.amount())
        .toList()
        .toString();
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static void advance(TestClock clock, int months) {
    Instant to =
        LocalDate.of(2026, 1, 31).plusMonths(months).atTime(23, 0).atZone(INDIA).toInstant();
    world.testClocks.advance(clock.id(), to);
  }
}
