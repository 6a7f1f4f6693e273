package io.tollgate.controlplane;

import io.prometheus.client.CollectorRegistry;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.UsageTotal;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.dunning.Dunning;
import io.tollgate.controlplane.dunning.DunningParts;
import io.tollgate.controlplane.entitlement.EntitlementDirectory;
import io.tollgate.controlplane.entitlement.EntitlementParts;
import io.tollgate.controlplane.invoice.document.DocumentRoutes;
import io.tollgate.controlplane.invoice.document.Documents;
import io.tollgate.controlplane.invoice.run.Discounts;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.payment.ManualProvider;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentParts;
import io.tollgate.controlplane.payment.PaymentProviders;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.payment.stripe.StripeEvents;
import io.tollgate.controlplane.payment.stripe.StripeProvider;
import io.tollgate.controlplane.payment.stripe.StripeSettings;
import io.tollgate.controlplane.payment.stripe.StripeTax;
import io.tollgate.controlplane.payment.stripe.StripeWebhook;
import io.tollgate.controlplane.simulation.Reratings;
import io.tollgate.controlplane.subscription.Buyers.Buyer;
import io.tollgate.controlplane.subscription.Circumstances;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tax.CatalogTax;
import io.tollgate.controlplane.tax.TaxProvider;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.transfer.Transfers;
import io.tollgate.controlplane.usage.Pruning;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Token;
import io.tollgate.controlplane.web.Tokens;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The composition root's heart: each room made from the rooms before it, a line or two a room. What
 * a room needs of a later one it gets here as a function, an agenda handler or an outbox consumer.
 */
record Rooms(
    Tokens tokens,
    Outbox outbox,
    Agenda agenda,
    EntitlementDirectory entitlements,
    List<Room> all) {
  static Rooms furnish(
      Settings settings, Database database, InstantSource wall, CollectorRegistry metrics) {
    return furnish(settings, database, wall, providers(settings));
  }

  /**
   * As {@link #furnish(Settings, Database, InstantSource, CollectorRegistry)}, with those who
   * collect given.
   */
  static Rooms furnish(
      Settings settings, Database database, InstantSource wall, PaymentProviders providers) {
    SecureRandom random = new SecureRandom();
    Ids ids = new Ids(wall, random);
    List<Room> all = new ArrayList<>();

    Outbox outbox = new Outbox(database, wall);
    Audit audit = add(all, new Audit(wall));
    Tokens tokens =
        add(
            all,
            new Tokens(
                database,
                wall,
                ids,
                random,
                (tx, actor, action, token) ->
                    audit.record(
                        tx, actor.id(), action, token.id(), token.tenant(), facts(token))));
    tokens.configure(settings.tokens());
    TenantClocks clocks = new TenantClocks(wall);
    Agenda agenda = add(all, new Agenda(database, wall));
    @Nullable TestClocks testClocks =
        settings.testClocks()
            ? add(all, new TestClocks(database, agenda, audit, wall, ids, outbox::drain))
            : null;
    Catalogs catalogs = add(all, new Catalogs(audit, wall));
    database.inTransaction(catalogs::joinBooks);
    Tenants tenants =
        add(all, new Tenants(new Tenants.Parts(audit, outbox, clocks, testClocks, ids, random)));
    tokens.refuseUnknown((tx, tenant) -> tenants.find(tx, tenant).isPresent());
    Subscriptions subscriptions =
        add(
            all,
            new Subscriptions(
                new Subscriptions.Parts(
                    catalogs,
                    (tx, tenant) -> buyer(tenants.find(tx, tenant)),
                    clocks,
                    agenda,
                    outbox,
                    audit,
                    ids)));
    tenants.guard(subscriptions::objectionToArchiving);
    Redemptions redemptions =
        add(
            all,
            new Redemptions(new Redemptions.Parts(catalogs, subscriptions, clocks, audit, ids)));
    subscriptions.redeemCoupons(redemptions);
    Wallets wallets =
        add(
            all,
            new Wallets(
                new Wallets.Parts(
                    catalogs, tenants, subscriptions, clocks, agenda, outbox, audit, ids)));
    Usage usage = add(all, new Usage(clocks, tenants::known, subscriptions::boundaries));
    usage.refuseUnknown(catalogs::counts);
    usage.keepTransactions(catalogs::keepsTransactions);
    usage.listen(wallets::used);
    usage.takeTotalsFor(
        settings.retention().totals(),
        (tx, message, late) ->
            audit.record(
                tx,
                "system",
                "usage.refused",
                message.source() + "/" + message.incarnation(),
                null,
                Map.of(
                    "why",
                    "too late",
                    "totals",
                    late.size(),
                    "units",
                    late.stream().mapToLong(UsageTotal::total).sum())));
    InvoiceRoom invoiceRoom =
        add(
            all,
            new InvoiceRoom(
                new InvoiceRoom.Parts(
                    catalogs,
                    tenants,
                    subscriptions,
                    new UsageSums(),
                    taxes(settings),
                    Discounts.of(redemptions),
                    clocks,
                    agenda,
                    audit,
                    ids,
                    wallets)));
    usage.closeLate(invoiceRoom.lateUsage());
    add(all, new DocumentRoutes(invoiceRoom.invoices(), new Documents(settings.templates())));
    // After the invoices: a period's new units never pay for the usage of the one before.
    subscriptions.listen(wallets);

    add(
        all,
        new Reratings(
            new Reratings.Parts(database, subscriptions, invoiceRoom.rerating(), ids, wall)));
    add(
        all,
        new Transfers(
            database, tenants, subscriptions, redemptions, usage, wallets, invoiceRoom, audit));
    Payments payments =
        add(
            all,
            new Payments(
                new PaymentParts(
                    database,
                    invoiceRoom.invoices(),
                    (tx, tenant) -> payer(tenants.get(tx, tenant)),
                    clocks,
                    outbox,
                    audit,
                    ids),
                providers));
    StripeSettings stripe = settings.stripe();
    if (stripe != null) {
      all.add(new StripeEvents(new StripeWebhook(stripe, wall), payments));
    }
    Dunning dunning =
        add(
            all,
            new Dunning(
                new DunningParts(
                    tenants,
                    catalogs,
                    subscriptions,
                    wallets,
                    invoiceRoom.invoices(),
                    payments,
                    clocks,
                    agenda,
                    outbox,
                    audit)));
    subscriptions.under(circumstances(invoiceRoom, dunning));
    EntitlementDirectory entitlements =
        add(
            all,
            new EntitlementDirectory(
                new EntitlementParts(
                    database,
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
                    ids)));
    if (testClocks != null) {
      testClocks.whenAtRest(entitlements::follow);
    }

    Pruning pruning = new Pruning(settings.retention(), Housekeeping.openPeriods(subscriptions));
    Housekeeping.begin(database, agenda, wall, pruning);
    return new Rooms(tokens, outbox, agenda, entitlements, List.copyOf(all));
  }

  /** The room of the type, which there is. */
  <T extends Room> T the(Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }

  private static Optional<Buyer> buyer(Optional<Tenant> tenant) {
    return tenant
        .filter(found -> found.archivedAt() == null)
        .map(found -> new Buyer(found.zone(), found.currency()));
  }

  private static Circumstances circumstances(InvoiceRoom invoices, Dunning dunning) {
    return new Circumstances() {
      @Override
      public Optional<Instant> lastFinalInvoice(Transaction tx, String tenant) {
        return invoices.invoices().lastFinal(tx, tenant);
      }

      @Override
      public Map<String, BillingState> standings(
          Transaction tx, Collection<Subscription> subscriptions) {
        return dunning.states(tx, subscriptions);
      }

      @Override
      public void foresee(Transaction tx, Subscription subscription) {
        dunning.foresee(tx, subscription.tenant());
      }
    };
  }

  private static Payer payer(Tenant tenant) {
    String email = tenant.billing().email();
    return new Payer(tenant.id(), tenant.name(), email.isEmpty() ? null : email);
  }

  /** Who collects: Stripe where it is configured, and people by bank transfer always. */
  private static PaymentProviders providers(Settings settings) {
    StripeSettings stripe = settings.stripe();
    return stripe == null
        ? new PaymentProviders(List.of(new ManualProvider()))
        : new PaymentProviders(
            List.of(new StripeProvider(stripe, Duration.ofMillis(500)), new ManualProvider()));
  }

  /** Who says the taxes: the catalogs' own rates, and Stripe Tax where those say none. */
  private static TaxProvider taxes(Settings settings) {
    StripeSettings stripe = settings.stripe();
    return stripe != null && stripe.tax()
        ? new StripeTax(stripe, Duration.ofMillis(500), new CatalogTax())
        : new CatalogTax();
  }

  private static Map<String, Object> facts(Token token) {
    return Map.of("role", token.role(), "name", token.name());
  }

  private static <T extends Room> T add(List<Room> all, T room) {
    all.add(room);
    return room;
  }
}
