package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.subscription.Buyers;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tax.CatalogTax;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.TestClock;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.usage.UsageSums;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Every room up to the invoices, real, on a database and a wall clock that tests move. */
final class World {
  private volatile Instant wall;
  final Database database;
  final Agenda agenda;
  final TestClocks testClocks;
  final Catalogs catalogs;
  final Tenants tenants;
  final Subscriptions subscriptions;
  final Usage usage;
  final InvoiceRoom room;

  World(Database database, Instant now) {
    this.database = database;
    wall = now;
    InstantSource clock = () -> wall;
    SecureRandom random = new SecureRandom();
    Ids ids = new Ids(InstantSource.system(), random);
    Outbox outbox = new Outbox(database, clock);
    Audit audit = new Audit(clock);
    TenantClocks clocks = new TenantClocks(clock);
    agenda = new Agenda(database, clock);
    testClocks = new TestClocks(database, agenda, audit, clock, ids, outbox::drain);
    catalogs = new Catalogs(audit, clock);
    tenants = new Tenants(new Tenants.Parts(audit, outbox, clocks, testClocks, ids, random));
    subscriptions =
        new Subscriptions(
            new Subscriptions.Parts(
                catalogs,
                (tx, id) -> tenants.find(tx, id).map(t -> new Buyers.Buyer(t.zone(), t.currency())),
                clocks,
                agenda,
                outbox,
                audit,
                ids));
    usage = new Usage(clocks, (tx, named) -> tenants.all(tx, named).keySet(), this::starts);
    room =
        new InvoiceRoom(
            new InvoiceRoom.Parts(
                catalogs,
                tenants,
                subscriptions,
                new UsageSums(),
                new CatalogTax(),
                Discounts.NONE,
                clocks,
                agenda,
                audit,
                ids));
  }

  private Map<String, List<Instant>> starts(Transaction tx, Collection<String> of, Period span) {
    Map<String, List<Instant>> starts = new HashMap<>();
    subscriptions
        .of(tx, of)
        .forEach(
            s ->
                starts.merge(
                    s.tenant(),
                    List.of(s.current().start(), s.current().end()),
                    (a, b) -> {
                      List<Instant> both = new ArrayList<>(a);
                      both.addAll(b);
                      return both;
                    }));
    return starts;
  }

  /** Moves the wall clock. */
  void moveTo(Instant now) {
    wall = now;
  }

  <T> T tx(Function<Transaction, T> work) {
    return database.inTransaction(work);
  }

  void apply(String yaml) {
    tx(tx -> catalogs.apply(tx, "test", "test.yaml", yaml));
  }

  TestClock clock(Instant now) {
    return tx(tx -> testClocks.create(tx, "test", now));
  }

  void tenant(String id, String zone, String currency, @Nullable String clock) {
    Tenant tenant =
        new Tenant(
            id,
            id,
            ZoneId.of(zone),
            CurrencyUnit.of(currency),
            new BillingDetails(
                id, List.of(), "IN", "MH", "", "", "", "", "", "", false, "", Locale.ENGLISH),
            clock,
            1,
            wall,
            null);
    tx(tx -> tenants.create(tx, "test", tenant));
  }

  Revision subscribe(String tenant, String catalog, String plan, Map<String, Integer> addOns) {
    return tx(
        tx -> {
          Tenant buyer = tenants.get(tx, tenant);
          Instant now =
              buyer.testClock() == null
                  ? wall
                  : testClocks.find(tx, buyer.testClock()).orElseThrow().now();
          return subscriptions.start(
              tx,
              "test",
              new Order(
                  tenant,
                  catalog,
                  plan,
                  1,
                  buyer.currency(),
                  Cycle.MONTHLY,
                  buyer.zone(),
                  now,
                  null,
                  false,
                  null,
                  addOns),
              List.of());
        });
  }

  void use(String tenant, String meter, long units) {
    tx(tx -> usage.record(tx, List.of(new UsageEvent(tenant, meter, units, null, null))));
  }

  List<InvoiceDetails> invoices(String tenant) {
    return tx(
        tx ->
            tx
                .list(
                    "SELECT id FROM invoices WHERE tenant = $1 ORDER BY issued_at, id",
                    row -> row.text("id"),
                    tenant)
                .stream()
                .map(id -> room.invoices().details(tx, id).orElseThrow())
                .toList());
  }

  Reconciliation reconcile(String tenant) {
    return tx(tx -> room.billing().reconcile(tx, tenant, subscriptions));
  }
}
