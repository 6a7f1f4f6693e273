package io.tollgate.controlplane.dunning;

import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.wallet.TopUp;
import io.tollgate.controlplane.wallet.TopUpListener;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/**
 * Has a top-up's money collected in the moment it is asked for: who waits for prepaid money cannot
 * wait for the day on which the catalog tries unpaid invoices. A decline goes the way of those
 * steps.
 *
 * @param policies whose steps they are
 */
record TopUpCollection(DunningParts parts, DunningPolicies policies) implements TopUpListener {
  @Override
  public void invoiced(Transaction tx, TopUp topUp, TopUp.Collection collection) {
    boolean now =
        switch (collection) {
          case AT_ONCE -> true;
          case IF_CHARGEABLE -> parts.payments().isChargeable(tx, topUp.tenant());
          case BY_STEPS -> false;
        };
    if (now) {
      Invoice invoice = parts.invoices().find(tx, String.valueOf(topUp.invoice())).orElseThrow();
      Instant at = parts.clocks().now(tx, topUp.tenant());
      if (!isTriedAnyway(tx, invoice, at)) {
        parts.agenda().schedule(tx, new Work(topUp.tenant(), Collecting.REQUEST, invoice.id(), at));
      }
    }
  }

  /** A step of today asks already; a decline is to be one. */
  private boolean isTriedAnyway(Transaction tx, Invoice invoice, Instant at) {
    ZoneId zone = parts.tenants().get(tx, invoice.tenant()).zone();
    Policies.Dunning policy =
        policies.of(tx, invoice, parts.subscriptions().of(tx, List.of(invoice.tenant())));
    Policies.Step first = DunningPolicies.next(policy, Set.of());
    return first != null
        && first.attempt()
        && first.day() <= DunningPolicies.day(invoice, policy, at, zone);
  }
}
