package io.tollgate.controlplane.dunning;

import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions.CatalogOf;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whose rules an unpaid invoice follows, and when its days begin. */
final class DunningPolicies {
  private final Catalogs catalogs;

  DunningPolicies(Catalogs catalogs) {
    this.catalogs = catalogs;
  }

  /** The rules under which a subscription was bought. */
  Policies.Dunning of(Transaction tx, Subscription subscription) {
    return of(tx, new CatalogOf(subscription.catalog(), subscription.version()));
  }

  private Policies.Dunning of(Transaction tx, CatalogOf bought) {
    return catalogs.version(tx, bought.name(), bought.version()).catalog().policies().dunning();
  }

  /** As {@link #of(Transaction, Invoice, Collection)}, for an invoice that names subscriptions. */
  Policies.Dunning of(Transaction tx, Invoice invoice, Map<String, CatalogOf> bought) {
    return invoice.subscriptions().stream()
        .sorted()
        .map(bought::get)
        .filter(Objects::nonNull)
        .findFirst()
        .map(catalog -> of(tx, catalog))
        .orElse(Policies.Dunning.DOCUMENT_002);
  }

  /**
   * The rules of the invoice's first subscription. An invoice that names none, such as a wallet's
   * top-up, goes by the tenant's first one that is not over, under whose seller it is made;
   * document 002's where there is none.
   *
   * @param subscriptions the tenant's, and others'
   */
  Policies.Dunning of(Transaction tx, Invoice invoice, Collection<Subscription> subscriptions) {
    List<String> named = invoice.subscriptions();
    return subscriptions.stream()
        .filter(
            subscription ->
                named.isEmpty()
                    ? subscription.tenant().equals(invoice.tenant())
                    : named.contains(subscription.id()))
        .min(
            Comparator.comparing((Subscription each) -> named.isEmpty() && each.state().isOver())
                .thenComparing(Subscription::id))
        .map(subscription -> of(tx, subscription))
        .orElse(Policies.Dunning.DOCUMENT_002);
  }

  /**
   * Day 1 of an invoice's life: its date; later where its due day is, because it was made later
   * than its date says.
   */
  static LocalDate dayOne(LocalDate issuedOn, LocalDate dueOn, Policies.Dunning policy) {
    LocalDate counted = dueOn.minusDays(policy.dueDay() - 1L);
    return counted.isAfter(issuedOn) ? counted : issuedOn;
  }

  private static LocalDate dayOne(Invoice invoice, Policies.Dunning policy) {
    return dayOne(invoice.issuedOn(), invoice.dueOn(), policy);
  }

  /** The instant at which a day of an invoice's life begins in the tenant's zone. */
  static Instant start(Invoice invoice, Policies.Dunning policy, int day, ZoneId zone) {
    Instant midnight = dayOne(invoice, policy).plusDays(day - 1L).atStartOfDay(zone).toInstant();
    return midnight.isBefore(invoice.issuedAt()) ? invoice.issuedAt() : midnight;
  }

  /** The invoice's day at an instant. */
  static long day(Invoice invoice, Policies.Dunning policy, Instant now, ZoneId zone) {
    LocalDate today = LocalDate.ofInstant(now, zone);
    return ChronoUnit.DAYS.between(dayOne(invoice, policy), today) + 1;
  }

  /** The first step that is not among those taken; null when all are. */
  static Policies.@Nullable Step next(Policies.Dunning policy, Set<Integer> taken) {
    return policy.steps().stream()
        .filter(step -> !taken.contains(step.day()))
        .findFirst()
        .orElse(null);
  }
}
