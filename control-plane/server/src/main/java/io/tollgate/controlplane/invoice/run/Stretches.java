package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.invoice.run.Bills.Stretch;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Divides a step's period into the parts whose usage each plan rates. Pure. */
record Stretches(Bills step) {
  /** What usage is due for when a period of the subscription before the step ends. */
  List<Stretch> due(Period ended) {
    Parts parts = parts(ended);
    List<Stretch> due = new ArrayList<>(parts.closed());
    due.removeIf(part -> Bills.rule(part.fees().catalog()) == Policies.UsageAtChange.AT_ONCE);
    parts.open().or(this::atTheEnd).ifPresent(due::add);
    return due;
  }

  /**
   * The instant of an end at once, where a change at that instant has billed all before it. What is
   * used in it goes by the plan before that, as where the change had billed nothing: the one after
   * it was in force for no time.
   */
  private Optional<Stretch> atTheEnd() {
    Instant at = step.revision().at();
    return step.endsAtOnce()
        ? Optional.of(new Stretch(Stretch.upTo(at), new Fees(step.before(), step.previous())))
        : Optional.empty();
  }

  /**
   * The parts of a period.
   *
   * @param closed those that another plan, which rates otherwise, followed
   * @param open the one up to the period's end; empty where a plan began with that
   */
  private record Parts(List<Stretch> closed, Optional<Stretch> open) {}

  /** The part up to a period's end; empty where a plan began with that. */
  Optional<Stretch> open(Period period) {
    return parts(period).open();
  }

  private Parts parts(Period ended) {
    Stretch whole = new Stretch(ended, new Fees(step.before(), step.previous()));
    if (Bills.rule(step.before()) == Policies.UsageAtChange.LAST_PLAN) {
      return new Parts(List.of(), Optional.of(whole));
    }
    List<SubscriptionItem> plans =
        step.previous().items().stream()
            .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN && countsIn(item, ended))
            .sorted(Comparator.comparing(SubscriptionItem::from))
            .toList();
    List<Stretch> closed = new ArrayList<>();
    Instant from = ended.start();
    for (int i = 0; i + 1 < plans.size(); i++) {
      SubscriptionItem plan = plans.get(i);
      SubscriptionItem next = plans.get(i + 1);
      if (!ratesAlike(plan, step.catalog(plan), next, step.catalog(next))) {
        if (from.isBefore(next.from())) {
          closed.add(
              new Stretch(
                  new Period(from, next.from()), new Fees(step.catalog(plan), step.previous())));
        }
        from = next.from();
      }
    }
    return new Parts(
        closed,
        from.isBefore(ended.end())
            ? Optional.of(new Stretch(new Period(from, ended.end()), whole.fees()))
            : Optional.empty());
  }

  /**
   * Whether a plan divides a period: where each change bills what was used before it, also one that
   * was in force for no time, as of two changes at one instant the first has billed.
   */
  private boolean countsIn(SubscriptionItem plan, Period ended) {
    if (Bills.rule(step.before()) != Policies.UsageAtChange.AT_ONCE) {
      return plan.overlaps(ended);
    }
    return !plan.from().isAfter(ended.end())
        && (plan.until() == null
            || plan.until().isAfter(ended.start())
            || !plan.from().isBefore(ended.start()));
  }

  /**
   * More units of a plan, or another price of it, leave the way its usage is rated as it is, and
   * what it comes to at least.
   */
  static boolean ratesAlike(
      SubscriptionItem one, Catalog under, SubscriptionItem other, Catalog otherwise) {
    Optional<Plan> plan = under.plan(one.key());
    Optional<Plan> next = otherwise.plan(other.key());
    return one.key().equals(other.key())
        && plan.map(Plan::charges).equals(next.map(Plan::charges))
        && plan.map(Plan::minimum).equals(next.map(Plan::minimum));
  }
}
