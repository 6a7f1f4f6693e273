package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionListener;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps two subscriptions of a tenant from pricing one meter at the same time. Usage is counted by
 * tenant and meter, as a proxy cannot tell for which product a call was made; each of the two would
 * bill all of it. OpenMeter refuses the same.
 */
final class SharedMeters implements RevisionListener {
  private final Others others;
  private final Sources.CatalogVersions catalogs;

  /** Says what else a tenant has. */
  @FunctionalInterface
  interface Others {
    /** All subscriptions of a tenant, ended ones included. */
    List<Subscription> of(Transaction tx, String tenant);
  }

  SharedMeters(Others others, Sources.CatalogVersions catalogs) {
    this.others = others;
    this.catalogs = catalogs;
  }

  /**
   * {@inheritDoc}
   *
   * @throws Problem 409 naming the meter and the subscription that prices it already
   */
  @Override
  public void revised(Transaction tx, List<Revision> revisions) {
    for (Revision revision : revisions) {
      if (mayBringMeters(revision)) {
        check(tx, revision);
      }
    }
  }

  /** Most steps of a run change nothing of this, and ask for nothing. */
  private static boolean mayBringMeters(Revision revision) {
    Subscription was = revision.before();
    Subscription is = revision.after();
    return !is.state().isOver()
        && (was == null
            || was.state().isOver()
            || was.version() != is.version()
            || !was.items().equals(is.items())
            || !Objects.equals(was.cancelAt(), is.cancelAt()));
  }

  private void check(Transaction tx, Revision revision) {
    Subscription is = revision.after();
    Set<String> meters = meters(tx, catalogs, is, revision.at());
    if (meters.isEmpty()) {
      return;
    }
    tx.send("SELECT pg_advisory_xact_lock(hashtextextended('meters ' || $1, 0))", is.tenant());
    for (Subscription other : others.of(tx, is.tenant())) {
      if (other.id().equals(is.id()) || other.state().isOver() || !meet(is, other)) {
        continue;
      }
      Set<String> shared = new TreeSet<>(meters(tx, catalogs, other, revision.at()));
      shared.retainAll(meters);
      if (!shared.isEmpty()) {
        String meter = shared.iterator().next();
        throw Problem.conflict(
                "the meter '"
                    + meter
                    + "' is priced by "
                    + other.id()
                    + " of this tenant already; each would bill all of its usage")
            .with("meter", meter)
            .with("subscription", other.id());
      }
    }
  }

  /** Whether there is an instant at which both are, as far as is known. */
  private static boolean meet(Subscription one, Subscription other) {
    return begins(one).isBefore(ends(other)) && begins(other).isBefore(ends(one));
  }

  /** When the first of what it ever held began. */
  static Instant begins(Subscription subscription) {
    return subscription.items().stream()
        .map(SubscriptionItem::from)
        .min(Instant::compareTo)
        .orElse(Instant.MIN);
  }

  private static Instant ends(Subscription subscription) {
    Instant end = subscription.cancelAt();
    return end == null ? Instant.MAX : end;
  }

  /** What its plan prices, from an instant on. */
  static Set<String> meters(
      Transaction tx, Sources.CatalogVersions catalogs, Subscription of, Instant from) {
    Catalog catalog = catalogs.of(tx, of.catalog(), of.version());
    Period rest = new Period(from, Instant.MAX);
    Set<String> meters = new TreeSet<>();
    for (SubscriptionItem item : of.items()) {
      if (item.kind() == SubscriptionItem.Kind.PLAN && item.overlaps(rest)) {
        catalog.plan(item.key()).map(Plan::charges).orElse(List.of()).stream()
            .filter(charge -> charge.model(of.currency()).isPresent())
            .map(Charge::meter)
            .forEach(meters::add);
      }
    }
    return meters;
  }
}
