package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The fees that a step bills for time that is over: those in arrears, and of those in advance what
 * was held beyond an end up to which they were charged, because it was put off. Pure.
 */
record FeesAfterwards(Bills step) {
  /**
   * With a period's end those of all that was held in it, with a change inside it those of what
   * ends, where the policy bills that at once; empty where there are none.
   */
  Optional<Bill> bill() {
    Optional<Period> ended = step.ended();
    Instant start = step.previous().current().start();
    Instant at = step.revision().at();
    Bill.Afterwards bill =
        ended.isPresent()
            ? new Bill.Afterwards(heldIn(ended.get()), ended.get(), null)
            : step.changesAPeriod() && start.isBefore(at) ? changed(new Period(start, at)) : null;
    return Optional.ofNullable(bill).map(Bill.class::cast).filter(due -> !due.lines().isEmpty());
  }

  private List<Bill.Afterwards.Due> heldIn(Period ended) {
    List<Bill.Afterwards.Due> dues = new ArrayList<>();
    for (SubscriptionItem item : step.previous().items()) {
      if (!wasDueAtItsEnd(item, ended.end())) {
        notInAdvance(item)
            .filter(held -> held.overlaps(ended))
            .map(held -> due(item, held))
            .ifPresent(dues::add);
      }
    }
    return dues;
  }

  private Bill.Afterwards changed(Period held) {
    List<Bill.Afterwards.Due> dues = new ArrayList<>();
    Subscription is = step.revision().after();
    List<SubscriptionItem> ends = new ArrayList<>(is.items());
    ends.removeAll(step.previous().items());
    for (SubscriptionItem item : ends) {
      if (item.overlaps(held) && held.end().equals(item.until()) && isDueAtOnce(item)) {
        dues.add(due(item, item));
      }
    }
    return new Bill.Afterwards(dues, held, is.revision());
  }

  private Bill.Afterwards.Due due(SubscriptionItem item, SubscriptionItem held) {
    return new Bill.Afterwards.Due(new Fees(step.catalog(item), step.previous()), held);
  }

  private boolean wasDueAtItsEnd(SubscriptionItem item, Instant periodEnd) {
    return item.until() != null && !item.until().isAfter(periodEnd) && isDueAtOnce(item);
  }

  private boolean isDueAtOnce(SubscriptionItem item) {
    Policies policies = step.catalog(item).policies();
    return step.isInArrears(item)
        && policies.usageAtChange() == Policies.UsageAtChange.AT_ONCE
        && policies.proration() != Policies.Proration.NONE;
  }

  /**
   * An item for as long as its fee is billed in arrears: all of it, or beyond a known end. What was
   * charged in advance goes on as it was charged, whatever version or unbilled change came since.
   */
  Optional<SubscriptionItem> notInAdvance(SubscriptionItem item) {
    Subscription was = step.previous();
    if (step.isInArrears(item)) {
      return Optional.of(item);
    }
    if (!item.equals(was.asBegun(item))) {
      return Optional.empty();
    }
    return was.items().stream()
        .filter(other -> other.id().equals(item.id()))
        .reduce((earlier, later) -> later)
        .map(last -> item.endingAt(last.until()))
        .flatMap(new Fees(step.catalog(item), was)::beyondCharge);
  }
}
