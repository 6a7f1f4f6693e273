package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.History;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceRoutes;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.TenantCustomers;
import io.tollgate.controlplane.invoice.composition.Composition;
import io.tollgate.controlplane.invoice.composition.Estimate;
import io.tollgate.controlplane.invoice.composition.EstimateRoutes;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.tax.TaxProvider;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.usage.LateUsage;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The invoice room put together: {@link #invoices} for the rooms after it, its routes for people,
 * and {@link Billing} listening to the subscriptions.
 */
public final class InvoiceRoom implements Room {
  private final Parts parts;
  private final Invoices invoices;
  private final Billing billing;
  private final Composition composition;
  private final Sources sources;

  /**
   * What the room is built on.
   *
   * @param taxes who says what tax is due
   * @param discounts what is taken off
   * @param wallets what was paid ahead; null for nothing
   */
  public record Parts(
      Catalogs catalogs,
      Tenants tenants,
      Subscriptions subscriptions,
      UsageSums usage,
      TaxProvider taxes,
      Discounts discounts,
      TenantClocks clocks,
      Agenda agenda,
      Audit audit,
      Ids ids,
      @Nullable Wallets wallets) {
    /** Parts without wallets. */
    public Parts(
        Catalogs catalogs,
        Tenants tenants,
        Subscriptions subscriptions,
        UsageSums usage,
        TaxProvider taxes,
        Discounts discounts,
        TenantClocks clocks,
        Agenda agenda,
        Audit audit,
        Ids ids) {
      this(
          catalogs,
          tenants,
          subscriptions,
          usage,
          taxes,
          discounts,
          clocks,
          agenda,
          audit,
          ids,
          null);
    }
  }

  /** The room on these parts. From now on every step of a subscription is billed. */
  public InvoiceRoom(Parts parts) {
    this.parts = parts;
    Sources.CatalogVersions catalogs = versions(parts.catalogs());
    Wallets wallets = parts.wallets();
    @Nullable WalletPrepaid paidAhead =
        wallets == null
            ? null
            : new WalletPrepaid(wallets, parts.subscriptions(), parts.usage(), catalogs);
    Prepaid prepaid = paidAhead == null ? Prepaid.NONE : paidAhead;
    this.invoices = new Invoices(parts.ids(), prepaid);
    this.composition = new Composition(parts.taxes());
    this.sources =
        new Sources(
            catalogs,
            parts.subscriptions()::revisions,
            new TenantCustomers(parts.tenants()),
            Usages.of(parts.usage()),
            parts.discounts(),
            prepaid);
    this.billing =
        new Billing(sources, composition, invoices, parts.agenda(), parts.ids(), parts.clocks());
    parts.subscriptions().listen(new SharedMeters(parts.subscriptions()::of, catalogs));
    parts.subscriptions().listen(billing);
    invoices.listen(new VoidedClosings(sources, lastPeriods()));
    invoices.listen(new CouponsBack(parts.discounts()));
    if (wallets != null && paidAhead != null) {
      wallets.measure(paidAhead);
      wallets.billTopUps(billing);
      invoices.listen(new TopUpPayments(wallets));
    }
  }

  private static Sources.CatalogVersions versions(Catalogs catalogs) {
    return new Sources.CatalogVersions() {
      @Override
      public Catalog of(Transaction tx, String name, int version) {
        return catalogs.version(tx, name, version).catalog();
      }

      @Override
      public TaxRates newestTaxes(Transaction tx, String name) {
        return catalogs.newest(tx, name).orElseThrow().catalog().taxes();
      }

      @Override
      public void foreseeNewest(Transaction tx, String name) {
        catalogs.foreseeNewest(tx, name);
      }
    };
  }

  /** The invoices. */
  public Invoices invoices() {
    return invoices;
  }

  /** The invoices other systems made. */
  public History history() {
    return new History(parts.ids(), parts.tenants(), parts.clocks(), parts.audit());
  }

  /** The billing, for previews and reconciliation. */
  public Billing billing() {
    return billing;
  }

  /** What steps that are not taken would bill. */
  public Outlook outlook() {
    return new Outlook(billing, sources, invoices, parts.subscriptions());
  }

  /** What a period would cost a buyer; null where it costs nothing at all. */
  public @Nullable InvoiceDetails estimate(Estimate estimate, TaxProfile buyer, Instant at) {
    return estimate.invoice(composition, buyer, at);
  }

  /** The invoices as they would have been under another catalog. */
  public Rerating rerating() {
    return new Rerating(sources, composition, invoices);
  }

  /** Where usage belongs that is told after all of its subscription was billed. */
  public LateUsage lateUsage() {
    return lastPeriods();
  }

  private LastPeriods lastPeriods() {
    return new LastPeriods(parts.subscriptions(), sources, parts.clocks(), parts.agenda());
  }

  @Override
  public void mount(Routes routes) {
    new InvoiceRoutes(invoices, billing::finalizeDrafts, parts.clocks(), parts.audit())
        .mount(routes);
    new BillingRoutes(parts, billing, outlook()).mount(routes);
    new EstimateRoutes(parts.catalogs(), composition, parts.clocks().wall()).mount(routes);
  }
}
