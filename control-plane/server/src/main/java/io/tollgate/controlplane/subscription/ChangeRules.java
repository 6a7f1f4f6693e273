package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies.ChangeKind;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** What a catalog lets a buyer order and change, and when it takes effect. Pure. */
final class ChangeRules {
  private static final int MOST = 1_000_000;

  private ChangeRules() {}

  /** Refuses an order that the catalog cannot fill, naming the field. */
  static void check(Order order, Catalog catalog) {
    Plan plan = plan(catalog, order.plan(), order.tenant());
    quantity(order.quantity(), 1, MOST);
    price(plan, order.currency(), order.cycle(), order.agreed());
    if (order.trialDays() != null
        && (order.trialDays() < 0 || order.trialDays() > Order.MOST_TRIAL_DAYS)) {
      throw Problem.invalid("trialDays", "0 to 366 are expected");
    }
    int place = 0;
    for (Map.Entry<String, Integer> entry : order.addOns().entrySet()) {
      String each = "addOns[" + place + "].";
      try {
        AddOn addOn = addOn(catalog, entry.getKey(), plan.key());
        quantity(entry.getValue(), 1, addOn.maximum());
        price(addOn, order.currency(), order.cycle());
      } catch (Problem refused) {
        throw refused.inside(field -> each + field);
      }
      place++;
    }
  }

  /** Refuses a change that waits and whose plan is not sold so, naming the field. */
  static void checkWaiting(Change.ToPlan to, CurrencyUnit currency, Catalog catalog) {
    catalog.plan(to.plan()).ifPresent(plan -> price(plan, currency, to.cycle(), to.agreed()));
  }

  /**
   * When a change takes effect: the latest of what the policies say about each kind of change it
   * is, or the later one asked for.
   *
   * @param asked null to let the policies say
   */
  static When when(
      Subscription subscription,
      Change change,
      Catalog catalog,
      @Nullable When asked,
      Instant now) {
    Set<ChangeKind> kinds = kinds(subscription, change, catalog, now);
    When rule = When.NOW;
    for (ChangeKind kind : kinds) {
      When when = catalog.policies().when(kind);
      if (when == When.FORBIDDEN) {
        throw Problem.invalid(field(kind), word(kind) + " is not offered");
      }
      rule = when.compareTo(rule) > 0 ? when : rule;
    }
    if (subscription.state() instanceof SubscriptionState.Trial) {
      rule = When.NOW;
    }
    if (asked == When.NOW && rule == When.PERIOD_END) {
      throw Problem.invalid(
          "when",
          kinds.stream().map(ChangeRules::word).sorted().collect(Collectors.joining(" and "))
              + " takes effect at the period's end, "
              + subscription.current().end()
              + "; ask for period-end or leave it out");
    }
    return asked == null ? rule : asked;
  }

  /** Whether a change at once is neither charged nor given back before the renewal. */
  static boolean isUnbilled(
      Subscription subscription, Change change, Catalog catalog, Instant now) {
    return catalog.policies().isUnbilled(kinds(subscription, change, catalog, now));
  }

  private static Set<ChangeKind> kinds(
      Subscription subscription, Change change, Catalog catalog, Instant now) {
    return switch (change) {
      case Change.ToPlan toPlan -> kinds(subscription, toPlan, catalog, now);
      case Change.ToAddOn toAddOn -> kinds(subscription, toAddOn, catalog, now);
      case Change.ToVersion toVersion -> kinds(subscription, catalog, now);
      case Change.ToPause toPause -> Set.of();
    };
  }

  private static Set<ChangeKind> kinds(
      Subscription subscription, Change.ToPlan to, Catalog catalog, Instant now) {
    Plan plan = plan(catalog, to.plan(), subscription.tenant());
    if (!plan.product().equals(subscription.product())) {
      throw Problem.invalid(
          "plan",
          "is of the product "
              + plan.product()
              + "; this subscription is of "
              + subscription.product()
              + ": subscribe to it beside this one");
    }
    quantity(to.quantity(), 1, MOST);
    price(plan, subscription.currency(), to.cycle(), to.agreed());
    SubscriptionItem present = subscription.planAt(now).orElseThrow();
    Set<ChangeKind> kinds = EnumSet.noneOf(ChangeKind.class);
    int rank = catalog.plan(present.key()).map(old -> plan.rank() - old.rank()).orElse(1);
    boolean samePlan = present.key().equals(to.plan());
    if (!samePlan) {
      kinds.add(rank >= 0 ? ChangeKind.UPGRADE : ChangeKind.DOWNGRADE);
    }
    int longer = to.cycle().compareTo(subscription.cycle());
    if (longer != 0) {
      kinds.add(longer > 0 ? ChangeKind.LONGER_CYCLE : ChangeKind.SHORTER_CYCLE);
    }
    if (samePlan && to.quantity() != present.quantity()) {
      kinds.add(
          to.quantity() > present.quantity() ? ChangeKind.MORE_UNITS : ChangeKind.FEWER_UNITS);
    }
    if (kinds.isEmpty() && sameAmount(to.agreed(), present.agreed())) {
      throw Problem.invalid("plan", "is what the subscription has already");
    }
    return kinds;
  }

  /** A migration is no kind of change by itself, but what is held must be there to go on. */
  private static Set<ChangeKind> kinds(Subscription subscription, Catalog catalog, Instant now) {
    SubscriptionItem present = subscription.planAt(now).orElseThrow();
    Plan plan =
        catalog
            .plan(present.key())
            .orElseThrow(
                () ->
                    Problem.invalid(
                        "version", "has no plan '" + present.key() + "'; change the plan instead"));
    price(plan, subscription.currency(), subscription.cycle(), present.agreed());
    for (SubscriptionItem item : subscription.addOnsAt(now)) {
      if (catalog.addOn(item.key()).isEmpty()) {
        throw Problem.invalid("version", "has no add-on '" + item.key() + "'; remove it first");
      }
    }
    return EnumSet.noneOf(ChangeKind.class);
  }

  private static Set<ChangeKind> kinds(
      Subscription subscription, Change.ToAddOn to, Catalog catalog, Instant now) {
    String plan = subscription.planAt(now).orElseThrow().key();
    int have =
        subscription.addOnsAt(now).stream()
            .filter(item -> item.key().equals(to.addOn()))
            .mapToInt(SubscriptionItem::quantity)
            .sum();
    if (to.quantity() == have) {
      throw Problem.invalid("quantity", "the subscription has " + have + " of it already");
    }
    if (to.quantity() < have) {
      quantity(to.quantity(), 0, MOST);
      if (catalog.addOn(to.addOn()).filter(AddOn::isOneOff).isPresent()) {
        throw Problem.invalid("quantity", "a one-off add-on is not given back");
      }
      return EnumSet.of(ChangeKind.ADD_ON_REMOVED);
    }
    AddOn addOn = addOn(catalog, to.addOn(), plan);
    quantity(to.quantity(), 0, addOn.maximum());
    price(addOn, subscription.currency(), subscription.cycle());
    return EnumSet.of(ChangeKind.ADD_ON_ADDED);
  }

  private static Plan plan(Catalog catalog, String key, String tenant) {
    Plan plan =
        catalog
            .plan(key)
            .filter(found -> found.isFor(tenant))
            .orElseThrow(
                () ->
                    Problem.invalid(
                        "plan",
                        "there is no plan '"
                            + key
                            + "'; one of "
                            + catalog.plans().values().stream()
                                .filter(other -> other.isFor(tenant))
                                .map(Plan::key)
                                .toList()));
    if (plan.archived()) {
      throw Problem.invalid("plan", "the plan '" + key + "' is no longer sold");
    }
    return plan;
  }

  private static AddOn addOn(Catalog catalog, String key, String plan) {
    AddOn addOn =
        catalog
            .addOn(key)
            .orElseThrow(
                () ->
                    Problem.invalid(
                        "addOn",
                        "there is no add-on '" + key + "'; one of " + catalog.addOns().keySet()));
    if (addOn.archived()) {
      throw Problem.invalid("addOn", "the add-on '" + key + "' is no longer sold");
    }
    if (!addOn.plans().contains(plan)) {
      throw Problem.invalid("addOn", "'" + key + "' is not sold with the plan '" + plan + "'");
    }
    return addOn;
  }

  private static void price(
      Plan plan, CurrencyUnit currency, Cycle cycle, @Nullable BigDecimal agreed) {
    if (plan.sold(currency, cycle).isCustom() && agreed == null) {
      throw Problem.invalid("price", "'" + plan.key() + "' has no list price; give the one agreed");
    }
    if (agreed != null && agreed.signum() < 0) {
      throw Problem.invalid("price", "at least 0 is expected");
    }
    if (agreed != null && !Amounts.isInRange(agreed)) {
      throw Problem.invalid("price", Amounts.RANGE);
    }
  }

  private static void price(AddOn addOn, CurrencyUnit currency, Cycle cycle) {
    boolean priced =
        addOn.isOneOff()
            ? addOn.oneOff().containsKey(currency)
            : addOn.price(currency, cycle).isPresent();
    if (!priced) {
      throw Problem.invalid(
          "addOn", "'" + addOn.key() + "' has no " + cycle + " price in " + currency.getCode());
    }
  }

  static boolean sameAmount(@Nullable BigDecimal one, @Nullable BigDecimal other) {
    if (one == null || other == null) {
      return one == null && other == null;
    }
    return one.compareTo(other) == 0;
  }

  private static void quantity(int quantity, int least, int most) {
    if (quantity < least || quantity > most) {
      throw Problem.invalid("quantity", least + " to " + most + " are expected, not " + quantity);
    }
  }

  private static String field(ChangeKind kind) {
    return switch (kind) {
      case UPGRADE, DOWNGRADE -> "plan";
      case LONGER_CYCLE, SHORTER_CYCLE -> "cycle";
      case MORE_UNITS, FEWER_UNITS -> "quantity";
      case ADD_ON_ADDED, ADD_ON_REMOVED -> "addOn";
    };
  }

  private static String word(ChangeKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
