package io.tollgate.controlplane.dunning;

import io.tollgate.controlplane.catalog.Policies;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * An open invoice, as far as dunning cares.
 *
 * @param number what people call it
 * @param issuedOn its date in the tenant's billing zone
 * @param dueOn its due day
 * @param subscriptions whose charges it carries; empty for a document made by hand, which concerns
 *     all
 * @param declined how many attempts to collect it were declined; asked where that matters
 */
record UnpaidInvoice(
    String number,
    LocalDate issuedOn,
    LocalDate dueOn,
    List<String> subscriptions,
    IntSupplier declined) {
  UnpaidInvoice {
    subscriptions = List.copyOf(subscriptions);
  }

  /** An invoice that was made on its date. */
  UnpaidInvoice(String number, LocalDate issuedOn, List<String> subscriptions, int declined) {
    this(number, issuedOn, issuedOn, subscriptions, () -> declined);
  }

  /** The day of the invoice's life under a policy. */
  long day(LocalDate today, Policies.Dunning policy) {
    LocalDate first = DunningPolicies.dayOne(issuedOn, dueOn, policy);
    return ChronoUnit.DAYS.between(first, today) + 1;
  }

  boolean concerns(String subscription) {
    return subscriptions.isEmpty() || subscriptions.contains(subscription);
  }
}
