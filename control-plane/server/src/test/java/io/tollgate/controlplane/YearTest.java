package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.Payment;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.PauseWish;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A year of many tenants by test clock: zones that change their clocks, anchors at month ends,
 * random commands, usage and payments; at its end everything reconciles. {@code
 * -Dtollgate.scale=40} takes a thousand tenants through it.
 */
class YearTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final int TENANTS = 25 * Integer.getInteger("tollgate.scale", 1);
  private static final long SEED = Long.getLong("tollgate.seed", 20260131L);
  private static final int STEPS = 30;
  private static final List<String> ZONES =
      List.of(
          "Asia/Kolkata",
          "Europe/Berlin",
          "America/New_York",
          "America/Sao_Paulo",
          "Australia/Lord_Howe",
          "Pacific/Apia",
          "Africa/Casablanca");
  private static final String TIERS =
      "{model: graduated, tiers: [{up-to: 1000, unit-price: 0.1}, {above: 1000, unit-price: 0.07}]}";
  private static final String CATALOG =
      """
      catalog: year
      title: Year
      seller: {name: Year Ltd, number-prefix: PREFIX, country: IN, region: MH}
      taxes:
        inclusive: %s
        rates: [{name: GST, country: IN, percent: 18, split: india-gst}]
      products: {api: {title: API}}
      meters: {calls: {title: API calls, unit: call}}
      plans:
        small:
          product: api
          title: Small
          prices: {INR: {monthly: 999, weekly: 290, yearly: 9990}}
          charges: {calls: {title: API calls, meter: calls, prices: {INR: TIERS}}}
        large:
          product: api
          title: Large
          prices: {INR: {monthly: 2499, weekly: 700, yearly: 24990}}
          charges: {calls: {title: API calls, meter: calls, prices: {INR: TIERS}}}
      add-ons:
        seats: {title: Seats, unit: seat, plans: [small, large], prices: {INR: {monthly: 299, weekly: 80, yearly: 2990}}}
      """;

  private final Random random = new Random(SEED);
  private final Map<String, String> subscriptionOf = new TreeMap<>();
  private final WholeHouse house = new WholeHouse(DB);
  private Instant now = Instant.parse("2026-01-28T00:00:00Z");

  @Test
  void aYear_ofRandomCommands_reconcilesToZero() {
    try (house) {
      for (boolean inclusive : new boolean[] {true, false}) {
        house.apply(
            CATALOG
                .replace("catalog: year", "catalog: year-" + inclusive)
                .replace("PREFIX", inclusive ? "IN" : "EX")
                .replace("TIERS", TIERS)
                .formatted(String.valueOf(inclusive)));
      }
      String clock = house.clock(now.toString());
      for (int step = 0; step < STEPS; step++) {
        join(clock, step);
        subscriptionOf.keySet().forEach(this::live);
        now = now.plus(Duration.ofHours(24L * 366 / STEPS)).plusSeconds(random.nextInt(86_400));
        house.rooms.the(TestClocks.class).advance(clock, now);
      }
      check();
    }
  }

  /** A tenth of the tenants each step until all are there: at month ends and in between. */
  private void join(String clock, int step) {
    for (int i = 0; i < TENANTS; i++) {
      if (i % 10 != step) {
        continue;
      }
      String tenant = "y" + i;
      ZoneId zone = ZoneId.of(ZONES.get(i % ZONES.size()));
      String catalog = "year-" + (i % 2 == 0);
      Instant start =
          step < 3
              ? LocalDate.of(2026, 1, 31).atTime(i % 24, 30).atZone(zone).toInstant()
              : now.minusSeconds(random.nextInt(40_000));
      tx(
          tx -> {
            house
                .rooms
                .the(Tenants.class)
                .create(
                    tx,
                    "year",
                    new Tenant(
                        tenant,
                        tenant,
                        zone,
                        CurrencyUnit.of("INR"),
                        BillingDetails.named(tenant),
                        clock,
                        1,
                        now,
                        null));
            Order order =
                new Order(
                    tenant,
                    catalog,
                    i(tenant) % 3 == 0 ? "large" : "small",
                    1,
                    CurrencyUnit.of("INR"),
                    i(tenant) % 5 == 4 ? Cycle.parse("weekly").orElseThrow() : Cycle.MONTHLY,
                    zone,
                    start,
                    i(tenant) % 4 == 3 ? 10 : null,
                    false,
                    null,
                    i(tenant) % 2 == 0 ? Map.of("seats", 2) : Map.of());
            subscriptionOf.put(
                tenant,
                house
                    .rooms
                    .the(Subscriptions.class)
                    .start(tx, "year", order, List.of())
                    .after()
                    .id());
          });
    }
  }

  private static int i(String tenant) {
    return Integer.parseInt(tenant.substring(1));
  }

  /** Uses something, pays mostly, and now and then commands something, which may be refused. */
  private void live(String tenant) {
    long units = random.nextInt(900);
    tx(
        tx ->
            house
                .rooms
                .the(Usage.class)
                .record(tx, List.of(new UsageEvent(tenant, "calls", units, null, null))));
    if (random.nextInt(10) > 0) {
      tx(tx -> payAll(tx, tenant));
    }
    int command = random.nextInt(24);
    int quantity = random.nextInt(5);
    try {
      tx(tx -> command(tx, Objects.requireNonNull(subscriptionOf.get(tenant)), command, quantity));
    } catch (Problem refused) {
      assertThat(refused.status()).as(tenant + " " + refused.getMessage()).isIn(409, 422);
    }
  }

  private void payAll(Transaction tx, String tenant) {
    var invoices = house.rooms.the(InvoiceRoom.class).invoices();
    for (Invoice invoice : invoices.open(tx, tenant)) {
      invoices.pay(tx, new Payment(invoice.id(), invoice.amountDue(), "paid " + invoice.id(), now));
    }
  }

  private void command(Transaction tx, String id, int command, int quantity) {
    Subscriptions subscriptions = house.rooms.the(Subscriptions.class);
    Subscription is = subscriptions.find(tx, id).orElseThrow();
    switch (command) {
      case 0 -> subscriptions.change(tx, "y", id, plan("large", is.cycle()), null);
      case 1 -> subscriptions.change(tx, "y", id, plan("small", is.cycle()), null);
      case 2, 3 -> subscriptions.change(tx, "y", id, new Change.ToAddOn("seats", quantity), null);
      case 4 -> subscriptions.change(tx, "y", id, new Change.ToAddOn("seats", quantity), When.NOW);
      case 5 ->
          subscriptions.pause(
              tx, "y", id, new PauseWish(now.plus(Duration.ofHours(40L + 100L * quantity))));
      case 6 -> subscriptions.pause(tx, "y", id, new PauseWish(null));
      case 7 -> subscriptions.change(tx, "y", id, plan("large", Cycle.YEARLY), null);
      case 8 -> subscriptions.cancel(tx, "y", id, new Cancellation(When.PERIOD_END, false));
      case 9 -> subscriptions.cancel(tx, "y", id, new Cancellation(When.NOW, quantity % 2 == 0));
      default -> {
        if (is.state() instanceof SubscriptionState.Paused) {
          subscriptions.resume(tx, "y", id);
        } else if (is.cancelAt() != null) {
          subscriptions.undoCancel(tx, "y", id);
        } else if (is.state().isOver()) {
          subscriptions.reactivate(tx, "y", id);
        }
      }
    }
  }

  private static Change plan(String plan, Cycle cycle) {
    return new Change.ToPlan(plan, 1, cycle, null);
  }

  private void check() {
    assertThat(house.get("/api/billing/agenda/set-aside").path("items")).isEmpty();
    assertThat(house.get("/api/billing/audit/verification").path("intact").asBoolean()).isTrue();
    List<String> differences = new ArrayList<>();
    for (String tenant : subscriptionOf.keySet()) {
      JsonNode reconciliation = house.get("/api/billing/reconciliation?tenant=" + tenant);
      if (!reconciliation.path("reconciled").asBoolean()) {
        differences.add(tenant + " " + reconciliation);
      }
    }
    assertThat(differences).as("seed " + SEED).isEmpty();
    sql(
        "every invoice is paid, credited or due to the cent",
        "SELECT id FROM invoices WHERE status = 'PAID' AND kind = 'INVOICE'"
            + " AND paid + credited <> total OR paid + credited > total AND kind = 'INVOICE'");
    sql(
        "lines are the total",
        "SELECT i.id FROM invoices i JOIN invoice_lines l ON l.invoice = i.id"
            + " GROUP BY i.id, i.total HAVING sum(l.amount + l.tax) <> i.total");
    sql(
        "no period is billed twice or overlaps the next",
        "SELECT a.invoice FROM invoice_lines a JOIN invoice_lines b"
            + " ON b.subscription = a.subscription AND b.kind = 'BASE_FEE' AND a.kind = 'BASE_FEE'"
            + " AND b.ctid <> a.ctid AND b.source = a.source AND a.period_start < b.period_start"
            + " AND a.period_end > b.period_start");
    sql(
        "no number is missing",
        "SELECT series FROM invoices WHERE ordinal IS NOT NULL GROUP BY series"
            + " HAVING min(ordinal) <> 1 OR max(ordinal) <> count(*)");
    sql(
        "balances are what was moved",
        "SELECT b.tenant FROM invoice_balances b WHERE b.amount <> (SELECT coalesce(sum(e.amount),"
            + " 0) FROM invoice_entries e WHERE e.kind = 'BALANCE' AND e.tenant = b.tenant"
            + " AND e.currency = b.currency)");
    assertThat(rows("SELECT id FROM invoices")).hasSizeGreaterThan(5 * TENANTS);
  }

  private static void sql(String rule, String breaches) {
    assertThat(rows(breaches)).as(rule + ", seed " + SEED).isEmpty();
  }

  private static List<String> rows(String sql) {
    return DB.db()
        .inTransaction(
            tx -> tx.list("SELECT r::text AS t FROM (" + sql + ") r", row -> row.text("t")));
  }

  private static void tx(Consumer<Transaction> work) {
    DB.db()
        .inTransaction(
            tx -> {
              work.accept(tx);
              return true;
            });
  }
}
