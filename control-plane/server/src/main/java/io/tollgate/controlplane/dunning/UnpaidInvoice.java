package io.tollgate.controlplane.dunning;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * An open invoice, as far as dunning cares.
 *
 * @param number what people call it
 * @param issuedOn its date in the tenant's billing zone: day 1
 * @param subscriptions whose charges it carries; empty for a document made by hand, which concerns
 *     all
 * @param declined how many attempts to collect it were declined
 */
record UnpaidInvoice(String number, LocalDate issuedOn, List<String> subscriptions, int declined) {
  UnpaidInvoice {
    subscriptions = List.copyOf(subscriptions);
  }

  /** The day of the invoice's life: 1 on its date. */
  long day(LocalDate today) {
    return ChronoUnit.DAYS.between(issuedOn, today) + 1;
  }

  boolean concerns(String subscription) {
    return subscriptions.isEmpty() || subscriptions.contains(subscription);
  }
}
