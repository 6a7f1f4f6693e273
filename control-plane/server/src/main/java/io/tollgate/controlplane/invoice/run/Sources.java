package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Customers;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Where billing learns what it bills from.
 *
 * @param catalogs catalog versions
 * @param steps steps already taken
 * @param customers who is billed
 * @param usages how many units were used
 * @param discounts what is taken off
 * @param prepaid what was paid ahead
 */
public record Sources(
    CatalogVersions catalogs,
    Steps steps,
    Customers customers,
    Usages usages,
    Discounts discounts,
    Prepaid prepaid) {
  /** Sources where nothing was paid ahead. */
  public Sources(
      CatalogVersions catalogs,
      Steps steps,
      Customers customers,
      Usages usages,
      Discounts discounts) {
    this(catalogs, steps, customers, usages, discounts, Prepaid.NONE);
  }

  /** The same with another count of usage. */
  Sources counting(Usages other) {
    return new Sources(catalogs, steps, customers, other, discounts, prepaid);
  }

  /** Asks ahead what a step of a subscription needs to be priced that is looked at only. */
  void foresee(Transaction tx, Subscription of) {
    customers.foresee(tx, of.tenant());
    catalogs.foreseeNewest(tx, of.catalog());
    discounts.foresee(tx, of);
    OneOffStore.foresee(tx, of.id());
    WaitingStore.foresee(tx, of);
    prepaid.foreseeMoney(tx, of.tenant());
  }

  /** The step with the catalog versions on both sides of it. */
  Bills bills(Transaction tx, Revision revision) {
    Subscription is = revision.after();
    Subscription was = revision.before();
    Catalog after = catalogs.of(tx, is.catalog(), is.version());
    Catalog before =
        was == null || was.version() == is.version()
            ? after
            : catalogs.of(tx, is.catalog(), was.version());
    return new Bills(revision, before, after, was == null ? Map.of() : catalogs.earlier(tx, was));
  }

  /** Says what a catalog's versions hold. */
  public interface CatalogVersions {
    /** The version, which exists; the answer never changes, so it may be cached. */
    Catalog of(Transaction tx, String name, int version);

    /** The taxes of the newest version of a catalog, which exists. */
    TaxRates newestTaxes(Transaction tx, String name);

    /** Asks ahead for those ({@link Transaction#foresee}), where that takes a query. */
    default void foreseeNewest(Transaction tx, String name) {}

    /** The catalog versions under which a subscription's items ended. */
    default Map<Integer, Catalog> earlier(Transaction tx, Subscription of) {
      Map<Integer, Catalog> earlier = new HashMap<>();
      for (SubscriptionItem item : of.items()) {
        if (item.version() != null && item.version() != of.version()) {
          earlier.computeIfAbsent(item.version(), version -> of(tx, of.catalog(), version));
        }
      }
      return earlier;
    }
  }

  /** Finds steps in subscriptions' lives again. */
  @FunctionalInterface
  public interface Steps {
    /** The steps that led to the revisions, with one query; unknown ones are missing. */
    Map<RevisionKey, Revision> of(Transaction tx, Collection<RevisionKey> keys);
  }
}
