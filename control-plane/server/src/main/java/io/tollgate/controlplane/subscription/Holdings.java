package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.SubscriptionState.Trial;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription holds, its plan and add-ons, through changes and periods. Pure but for the
 * ids of new items.
 *
 * @param itemIds makes {@code itm_...}
 */
record Holdings(Supplier<String> itemIds) {
  /** A plan from an instant on, at an agreed price or the list's. */
  SubscriptionItem plan(String key, int quantity, Instant from, @Nullable BigDecimal agreed) {
    return new SubscriptionItem(
        itemIds.get(), SubscriptionItem.Kind.PLAN, key, quantity, from, null, agreed);
  }

  /** How a change takes effect. */
  enum Effect {
    /** With the begin of a period. */
    TURNING,
    /** Inside one: what ends is given back, and what begins is charged. */
    PRORATED,
    /** Inside one, which is neither charged nor given back: what is held goes on as it changes. */
    UNBILLED
  }

  /** A change takes effect. */
  void apply(Draft draft, Change change, CatalogVersion catalog, Instant at, Effect effect) {
    switch (change) {
      case Change.ToPlan toPlan -> toPlan(draft, toPlan, catalog, at, effect);
      case Change.ToAddOn toAddOn -> toAddOn(draft, toAddOn, catalog, at, effect);
      case Change.ToVersion toVersion -> draft.version = catalog.version();
      case Change.ToPause toPause -> throw new IllegalArgumentException("a step of its own");
    }
  }

  /**
   * What the versions say differently of what is held ends under the one and goes on under the
   * other, so that usage and fees in arrears are rated by the version in force at their time.
   */
  static void carryOn(Draft draft, CatalogVersion own, CatalogVersion next, Instant at) {
    for (SubscriptionItem item : List.copyOf(draft.items)) {
      if (item.isInForceAt(at) && differs(item, own, next)) {
        draft.carryOn(item.goingOn(item.key(), item.quantity(), item.agreed(), at));
      }
    }
  }

  private static boolean differs(SubscriptionItem item, CatalogVersion own, CatalogVersion next) {
    return switch (item.kind()) {
      case PLAN -> !own.catalog().plan(item.key()).equals(next.catalog().plan(item.key()));
      case ADD_ON ->
          own.catalog().addOn(item.key()).filter(addOn -> !addOn.isOneOff()).isPresent()
              && !own.catalog().addOn(item.key()).equals(next.catalog().addOn(item.key()));
    };
  }

  private void toPlan(
      Draft draft, Change.ToPlan to, CatalogVersion catalog, Instant at, Effect effect) {
    boolean newCycle = !to.cycle().equals(draft.cycle);
    boolean trial = draft.state instanceof Trial;
    boolean goesOn = effect == Effect.UNBILLED && !newCycle;
    draft.cycle = to.cycle();
    for (SubscriptionItem item : List.copyOf(draft.items)) {
      if (!item.isInForceAt(at)) {
        continue;
      }
      if (item.kind() == SubscriptionItem.Kind.PLAN && goesOn) {
        draft.carryOn(item.goingOn(to.plan(), to.quantity(), to.agreed(), at));
        continue;
      }
      if (item.kind() == SubscriptionItem.Kind.PLAN) {
        draft.end(item.id(), at);
        continue;
      }
      AddOn addOn = catalog.catalog().addOn(item.key()).orElse(null);
      boolean oneOff = addOn != null && addOn.isOneOff();
      boolean sold = addOn != null && addOn.plans().contains(to.plan());
      if (!oneOff && (!sold || newCycle)) {
        draft.end(item.id(), at);
        if (sold) {
          draft.items.add(again(item, item.quantity(), at));
        }
      }
    }
    draft.version = catalog.version();
    if (!goesOn) {
      draft.items.add(plan(to.plan(), to.quantity(), at, to.agreed()));
    }
    if (newCycle && trial && effect != Effect.TURNING) {
      Instant begins = draft.current.end();
      draft.recurrence =
          Periods.rule(begins, to.cycle(), catalog.catalog().policies().alignment(), zone(draft));
    } else if (newCycle) {
      newRule(draft, catalog, at);
    }
  }

  private static ZoneId zone(Draft draft) {
    return draft.recurrence.zone();
  }

  /** Periods begin anew, by the draft's cycle. */
  static void newRule(Draft draft, CatalogVersion catalog, Instant at) {
    boolean endsWithThePeriod = draft.current.end().equals(draft.cancelAt);
    draft.recurrence =
        Periods.rule(at, draft.cycle, catalog.catalog().policies().alignment(), zone(draft));
    draft.enter(Periods.first(draft.recurrence, at));
    if (endsWithThePeriod) {
      draft.cancelAt = draft.current.end();
    }
    draft.charge(catalog.catalog().policies().proration());
  }

  /**
   * More of an add-on is an item of its own, unless its price depends on how many there are; less
   * ends all and begins the rest.
   */
  private void toAddOn(
      Draft draft, Change.ToAddOn to, CatalogVersion catalog, Instant at, Effect effect) {
    List<SubscriptionItem> inForce =
        draft.items.stream()
            .filter(item -> item.kind() == SubscriptionItem.Kind.ADD_ON)
            .filter(item -> item.key().equals(to.addOn()) && item.isInForceAt(at))
            .toList();
    int have = inForce.stream().mapToInt(SubscriptionItem::quantity).sum();
    boolean recurring = catalog.catalog().addOn(to.addOn()).filter(AddOn::isOneOff).isEmpty();
    if (effect == Effect.UNBILLED && recurring && have > 0 && to.quantity() > 0) {
      List<SubscriptionItem> others = inForce.subList(1, inForce.size());
      others.forEach(item -> draft.end(item.id(), at));
      draft.carryOn(
          inForce.getFirst().goingOn(to.addOn(), to.quantity(), null, at).joining(others));
      return;
    }
    if (to.quantity() > have && (have == 0 || !byQuantity(draft, to.addOn(), catalog))) {
      draft.items.add(addOn(to.addOn(), to.quantity() - have, at));
      return;
    }
    inForce.forEach(item -> draft.end(item.id(), at));
    if (to.quantity() > 0) {
      draft.items.add(addOn(to.addOn(), to.quantity(), at));
    }
  }

  private static boolean byQuantity(Draft draft, String key, CatalogVersion catalog) {
    return catalog
        .catalog()
        .addOn(key)
        .filter(addOn -> !addOn.isOneOff())
        .flatMap(addOn -> addOn.price(draft.currency(), draft.cycle))
        .filter(price -> price.model() != null)
        .isPresent();
  }

  /** Several items of one recurring add-on become one with the sum, so that they make one line. */
  void merge(Draft draft, CatalogVersion catalog, Instant at) {
    List<String> keys =
        draft.items.stream()
            .filter(item -> item.kind() == SubscriptionItem.Kind.ADD_ON && item.isInForceAt(at))
            .filter(item -> catalog.catalog().addOn(item.key()).filter(AddOn::isOneOff).isEmpty())
            .map(SubscriptionItem::key)
            .distinct()
            .toList();
    for (String key : keys) {
      List<SubscriptionItem> same =
          draft.items.stream()
              .filter(item -> item.key().equals(key) && item.isInForceAt(at))
              .filter(item -> item.kind() == SubscriptionItem.Kind.ADD_ON)
              .toList();
      if (same.size() > 1) {
        same.forEach(item -> draft.end(item.id(), at));
        int sum = same.stream().mapToInt(SubscriptionItem::quantity).sum();
        draft.items.add(again(same.getFirst(), sum, at));
      }
    }
  }

  /** Items that ended before the period just ended live on in the revisions alone. */
  static void forget(Draft draft, Instant before) {
    draft.items.removeIf(item -> item.until() != null && !item.until().isAfter(before));
  }

  /** So many of an add-on from an instant on. */
  SubscriptionItem addOn(String key, int quantity, Instant at) {
    return new SubscriptionItem(
        itemIds.get(), SubscriptionItem.Kind.ADD_ON, key, quantity, at, null, null);
  }

  /** The same once more, from an instant on. */
  SubscriptionItem again(SubscriptionItem item, int quantity, Instant at) {
    return new SubscriptionItem(
        itemIds.get(), item.kind(), item.key(), quantity, at, null, item.agreed());
  }
}
