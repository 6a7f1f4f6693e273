package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.dunning.Dunning;
import io.tollgate.controlplane.dunning.DunningParts;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.payment.ManualProvider;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentParts;
import io.tollgate.controlplane.payment.PaymentProvider;
import io.tollgate.controlplane.payment.PaymentProviders;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.payment.TestInvoices;
import io.tollgate.controlplane.subscription.Buyers;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.web.TestApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * The rooms from tenant to entitlement on a real database and a real port, with document 002's
 * catalog, as the composition root puts them together.
 */
public final class TestHouse implements AutoCloseable {
  /** Where the tenants live. */
  public static final ZoneId INDIA = ZoneId.of("Asia/Kolkata");

  private static final AtomicInteger NUMBER = new AtomicInteger();

  public final InstantSource wall = Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000));
  public final TestDatabase db;
  public final Outbox outbox;
  public final Agenda agenda;
  public final TestClocks testClocks;
  public final TenantClocks clocks;
  public final Tenants tenants;
  public final Catalogs catalogs;
  public final Subscriptions subscriptions;
  public final Wallets wallets;
  public final Invoices invoices;
  public final Payments payments;
  public final Dunning dunning;
  public final EntitlementDirectory directory;
  public final TestApi api;

  public TestHouse(TestDatabase db, PaymentProvider... providers) {
    this.db = db;
    List<PaymentProvider> all = new ArrayList<>(List.of(providers));
    all.add(new ManualProvider());
    Ids ids = new Ids(wall, new SecureRandom());
    outbox = new Outbox(db.db(), wall);
    Audit audit = new Audit(wall);
    clocks = new TenantClocks(wall);
    agenda = new Agenda(db.db(), wall);
    testClocks = new TestClocks(db.db(), agenda, audit, wall, ids, outbox::drain);
    tenants =
        new Tenants(new Tenants.Parts(audit, outbox, clocks, testClocks, ids, new SecureRandom()));
    catalogs = new Catalogs(audit, wall);
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
    wallets =
        new Wallets(
            new Wallets.Parts(
                catalogs, tenants, subscriptions, clocks, agenda, outbox, audit, ids));
    invoices = new Invoices(ids);
    payments =
        new Payments(
            new PaymentParts(
                db.db(),
                invoices,
                (tx, id) -> new Payer(id, tenants.get(tx, id).name(), null),
                clocks,
                outbox,
                audit,
                ids),
            new PaymentProviders(all));
    dunning =
        new Dunning(
            new DunningParts(
                tenants,
                catalogs,
                subscriptions,
                wallets,
                invoices,
                payments,
                clocks,
                agenda,
                outbox,
                audit));
    directory =
        new EntitlementDirectory(
            new EntitlementParts(
                db.db(),
                tenants,
                catalogs,
                subscriptions,
                wallets,
                dunning,
                new UsageSums(),
                clocks,
                agenda,
                outbox,
                audit,
                ids));
    api =
        TestApi.start(
            db, wall, testClocks, tenants, catalogs, subscriptions, payments, dunning, directory);
    testClocks.whenAtRest(directory::follow);
    directory.start();
    applyCatalog();
  }

  private void applyCatalog() {
    try {
      String source = Files.readString(Path.of("../../examples/catalogs/gaudaan.yaml"));
      db.db().inTransaction(tx -> catalogs.apply(tx, "test", "gaudaan.yaml", source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new tenant; on a test clock standing at an instant, or on the wall clock. */
  public String tenant(@Nullable Instant frozenAt) {
    String id = "house-" + NUMBER.incrementAndGet();
    db.db()
        .inTransaction(
            tx -> {
              String clock = frozenAt == null ? null : testClocks.create(tx, id, frozenAt).id();
              return tenants.create(
                  tx,
                  "test",
                  new Tenant(
                      id,
                      "Dharma Gau Raksha",
                      INDIA,
                      CurrencyUnit.of("INR"),
                      billing(),
                      clock,
                      1,
                      wall.instant(),
                      null));
            });
    return id;
  }

  private static BillingDetails billing() {
    return BillingDetails.named("Dharma Gau Raksha");
  }

  /** Starts a monthly subscription now and returns its id. */
  public String subscribe(String tenant, String plan, Map<String, Integer> addOns) {
    return subscribe(tenant, "gaudaan", plan, addOns);
  }

  String subscribe(String tenant, String catalog, String plan, Map<String, Integer> addOns) {
    return db.db()
        .inTransaction(
            tx ->
                subscriptions
                    .start(
                        tx,
                        "test",
                        new Order(
                            tenant,
                            catalog,
                            plan,
                            1,
                            CurrencyUnit.of("INR"),
                            Cycle.MONTHLY,
                            INDIA,
                            clocks.now(tx, tenant),
                            null,
                            false,
                            null,
                            addOns),
                        List.of())
                    .after()
                    .id());
  }

  /** Issues an invoice now and returns its id. */
  public String invoice(String tenant, String subscription, String amount) {
    Instant now = db.db().inTransaction(tx -> clocks.now(tx, tenant));
    return TestInvoices.open(db.db(), invoices, tenant, subscription, amount, now);
  }

  /** Moves a tenant's test clock. */
  public void advance(String tenant, Instant to) {
    Optional<String> clock =
        db.db().inTransaction(tx -> Optional.ofNullable(tenants.get(tx, tenant).testClock()));
    testClocks.advance(clock.orElseThrow(), to);
  }

  /** What a proxy is told of a tenant now. */
  Entitlements seen(String tenant) {
    return ContractJson.stored(
        api.as("proxy").get("/api/proxy/tenants/" + tenant).text(), Entitlements.class);
  }

  @Override
  public void close() {
    api.close();
    directory.close();
    outbox.close();
  }
}
