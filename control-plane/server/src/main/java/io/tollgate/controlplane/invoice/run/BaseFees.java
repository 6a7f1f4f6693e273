package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.run.Bills.Stretch;
import io.tollgate.controlplane.rating.ChangeFees;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What of a period's fees counts towards a plan's minimum besides the usage it rates: what was
 * charged, before discounts and tax, for the time the minimum is due for and not given back,
 * whatever units, price or version changed inside it. Pure.
 */
record BaseFees(Bills step) {
  /**
   * What counts in a part of the period; null where no minimum is due: the plan has none, it is for
   * no time, or nothing is prorated and it is not the plan held at the period's end.
   *
   * @param rated the parts before it: where nothing is prorated, the minimum is the whole period's,
   *     and their usage counts as well
   */
  @Nullable Money counted(Stretch stretch, List<Bill.Arrears> rated) {
    if (stretch.isInstant() || stretch.fees().minimum(stretch.period()).isEmpty()) {
      return null;
    }
    Period part = stretch.period();
    boolean last = step.ended().filter(ended -> ended.end().equals(part.end())).isPresent();
    if (stretch.fees().catalog().policies().proration() == Policies.Proration.NONE) {
      return last ? inArrears(ran(part)).plus(added()).plus(usage(rated)) : null;
    }
    // What is not given back counts in full, also where the period is cut short.
    Instant to = last && !isGivenBack() ? step.previous().current().end() : part.end();
    Money sum = inArrears(part);
    for (Held plan : inAdvance()) {
      sum = sum.plus(charged(plan, part.start(), to));
    }
    return sum;
  }

  /** Whether the step gives back what was charged for the plan beyond it. */
  private boolean isGivenBack() {
    return step.changesAPeriod()
        && step.previous()
            .planAt(step.revision().at())
            .filter(step.change()::isGivenBack)
            .isPresent();
  }

  /** The period as far as it has run by the end of a part. */
  private Period ran(Period part) {
    return step.ended().orElseGet(() -> new Period(step.previous().current().start(), part.end()));
  }

  /** The fees in arrears of the plans held in a part. */
  private Money inArrears(Period part) {
    Subscription was = step.previous();
    List<PricedLine> lines = new ArrayList<>();
    for (SubscriptionItem item : was.items()) {
      if (isPlan(item)) {
        new FeesAfterwards(step)
            .notInAdvance(item)
            .filter(held -> held.overlaps(part))
            .map(held -> held.from().isBefore(part.start()) ? held.beginningAt(part.start()) : held)
            .flatMap(held -> new Fees(step.catalog(item), was).inArrears(held, ran(part)))
            .ifPresent(lines::add);
      }
    }
    return sum(lines);
  }

  /** A plan as the period began with it, or as it began, and as it ended under other terms. */
  private record Held(SubscriptionItem begun, SubscriptionItem ended) {
    Held and(Held other) {
      return new Held(begun, other.ended);
    }

    Instant end() {
      return ended.until() == null ? Instant.MAX : ended.until();
    }

    boolean isOf(Instant periodStart) {
      return end().isAfter(periodStart) || !begun.from().isBefore(periodStart);
    }
  }

  /** The plans whose fees were charged in advance. */
  private List<Held> inAdvance() {
    Instant start = step.previous().current().start();
    Map<String, Held> plans = new LinkedHashMap<>();
    for (SubscriptionItem item : step.previous().items()) {
      boolean over = item.until() != null && item.until().isBefore(start);
      if (isPlan(item) && !over && !step.isInArrears(item)) {
        plans.merge(item.id(), new Held(item, item), Held::and);
      }
    }
    return plans.values().stream().filter(plan -> plan.isOf(start)).toList();
  }

  private static boolean isPlan(SubscriptionItem item) {
    return item.kind() == SubscriptionItem.Kind.PLAN;
  }

  /** What was charged for a plan for the time between two instants. */
  private Money charged(Held plan, Instant from, Instant to) {
    Subscription was = step.previous();
    Fees fees = new Fees(step.catalog(plan.begun()), was);
    Instant begin = later(plan.begun().from(), was.current().start());
    Instant since = later(begin, from);
    Instant end = plan.end().isBefore(to) ? plan.end() : to;
    return since.isBefore(end)
        ? fees.kept(plan.begun(), end).minus(fees.kept(plan.begun(), since))
        : Money.zero(was.currency());
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** What was charged in advance where nothing is prorated: what each change added, in full. */
  private Money added() {
    Subscription was = step.previous();
    List<PricedLine> lines = new ArrayList<>();
    List<SubscriptionItem> earlier = new ArrayList<>();
    Fees before = new Fees(step.before(), was.holding(earlier));
    for (Held plan : inAdvance()) {
      Instant at = later(plan.begun().from(), was.current().start());
      List<SubscriptionItem> items = new ArrayList<>(earlier);
      items.add(plan.begun().endingAt(null));
      Fees after = new Fees(step.catalog(plan.begun()), was.holding(items));
      lines.addAll(new ChangeFees(before, after, at).lines(item -> null));
      before = new Fees(step.catalog(plan.ended()), after.subscription());
      earlier.add(plan.begun().endingAt(plan.ended().until()));
    }
    return sum(lines);
  }

  private Money usage(List<Bill.Arrears> rated) {
    return sum(
        rated.stream()
            .flatMap(part -> part.lines().stream())
            .filter(line -> line.kind() == PricedLine.Kind.USAGE)
            .toList());
  }

  private Money sum(List<PricedLine> lines) {
    Money sum = Money.zero(step.previous().currency());
    for (PricedLine line : lines) {
      sum = sum.plus(line.amount());
    }
    return sum;
  }
}
