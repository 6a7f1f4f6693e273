package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What waits for a period's end beside another change. A change of plan, quantity or cycle takes
 * the place of what waits in what it changes itself; the rest goes on waiting. Pure.
 */
final class Waiting {
  private Waiting() {}

  /**
   * What still waits after a change at once. A plan that waits and is not sold in the new cycle
   * waits in its own.
   *
   * @param catalog the version the change is made under
   */
  static List<ScheduledChange> after(
      Subscription before, Change change, CatalogVersion catalog, Instant now) {
    List<ScheduledChange> left = new ArrayList<>();
    for (ScheduledChange waiting : before.scheduled()) {
      if (!replaces(before, change, waiting.change(), now)) {
        left.add(waiting);
      } else if (change instanceof Change.ToPlan to
          && waiting.change() instanceof Change.ToPlan waits) {
        Change.ToPlan rest = joined(before, waits, to, now);
        if (rest.plan().equals(waits.plan()) && !isSold(rest, before, catalog)) {
          rest = new Change.ToPlan(rest.plan(), rest.quantity(), waits.cycle(), rest.agreed());
        }
        int under = rest.plan().equals(to.plan()) ? catalog.version() : waiting.version();
        if (!rest.equals(to)) {
          left.add(new ScheduledChange(waiting.id(), waiting.at(), under, rest));
        }
      }
    }
    return left;
  }

  private static boolean isSold(Change.ToPlan to, Subscription of, CatalogVersion catalog) {
    return catalog
        .catalog()
        .plan(to.plan())
        .flatMap(plan -> plan.price(of.currency(), to.cycle()))
        .isPresent();
  }

  /** What waits with one more. */
  static List<ScheduledChange> with(Subscription before, ScheduledChange more, Instant now) {
    List<ScheduledChange> all = new ArrayList<>();
    ScheduledChange added = more;
    for (ScheduledChange waiting : before.scheduled()) {
      if (!replaces(before, more.change(), waiting.change(), now)) {
        all.add(waiting);
      } else if (more.change() instanceof Change.ToPlan to
          && waiting.change() instanceof Change.ToPlan waits) {
        Change.ToPlan rest = joined(before, waits, to, now);
        int under = rest.plan().equals(to.plan()) ? more.version() : waiting.version();
        added = new ScheduledChange(more.id(), more.at(), under, rest);
      }
    }
    all.add(added);
    return all;
  }

  /** The change that waits, in what the other one leaves as it is. */
  private static Change.ToPlan joined(
      Subscription before, Change.ToPlan waits, Change.ToPlan to, Instant now) {
    SubscriptionItem present = present(before, now);
    boolean otherPlan = !to.plan().equals(present.key());
    boolean otherPrice = !ChangeRules.sameAmount(to.agreed(), present.agreed());
    boolean priced = otherPlan || (otherPrice && waits.plan().equals(present.key()));
    BigDecimal agreed = priced ? to.agreed() : waits.agreed();
    return new Change.ToPlan(
        otherPlan ? to.plan() : waits.plan(),
        to.quantity() == present.quantity() ? waits.quantity() : to.quantity(),
        to.cycle().equals(before.cycle()) ? waits.cycle() : to.cycle(),
        agreed);
  }

  /** Another plan is bought as it is sold today, so that a migration need not wait any more. */
  private static boolean replaces(Subscription before, Change change, Change waiting, Instant now) {
    return switch (change) {
      case Change.ToPlan to ->
          switch (waiting) {
            case Change.ToPlan plan -> true;
            case Change.ToVersion version -> !to.plan().equals(present(before, now).key());
            case Change.ToAddOn addOn -> false;
            case Change.ToPause pause -> false;
          };
      case Change.ToVersion version -> waiting instanceof Change.ToVersion;
      case Change.ToAddOn addOn ->
          waiting instanceof Change.ToAddOn other && other.addOn().equals(addOn.addOn());
      case Change.ToPause pause -> waiting instanceof Change.ToPause;
    };
  }

  private static SubscriptionItem present(Subscription before, Instant now) {
    return before.planAt(now).orElseThrow();
  }
}
