package io.tollgate.controlplane.rating;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies.ChangeKind;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What kinds of change were made. Pure. */
final class ChangeKinds {
  private ChangeKinds() {}

  /** Those of a change at an instant, from what was held to what is; a migration alone is none. */
  static Set<ChangeKind> of(Fees before, Fees after, Instant at) {
    Subscription was = before.subscription();
    Subscription is = after.subscription();
    Set<ChangeKind> kinds = EnumSet.noneOf(ChangeKind.class);
    Optional<SubscriptionItem> old = was.planAt(at);
    Optional<SubscriptionItem> fresh = is.planAt(at);
    if (old.isPresent() && fresh.isPresent()) {
      plan(
          kinds,
          old.get(),
          fresh.get(),
          rank(after.catalog(), fresh.get()) - rank(before.catalog(), old.get()));
    }
    int longer = is.cycle().compareTo(was.cycle());
    if (longer != 0) {
      kinds.add(longer > 0 ? ChangeKind.LONGER_CYCLE : ChangeKind.SHORTER_CYCLE);
    }
    Map<String, Integer> more = held(is, at);
    held(was, at).forEach((key, had) -> more.merge(key, -had, Integer::sum));
    for (int added : more.values()) {
      if (added != 0) {
        kinds.add(added > 0 ? ChangeKind.ADD_ON_ADDED : ChangeKind.ADD_ON_REMOVED);
      }
    }
    return kinds;
  }

  private static void plan(
      Set<ChangeKind> kinds, SubscriptionItem old, SubscriptionItem fresh, int higher) {
    if (!old.key().equals(fresh.key())) {
      kinds.add(higher >= 0 ? ChangeKind.UPGRADE : ChangeKind.DOWNGRADE);
    } else if (old.quantity() != fresh.quantity()) {
      kinds.add(fresh.quantity() > old.quantity() ? ChangeKind.MORE_UNITS : ChangeKind.FEWER_UNITS);
    }
  }

  private static int rank(Catalog catalog, SubscriptionItem item) {
    return catalog.plan(item.key()).map(Plan::rank).orElse(0);
  }

  private static Map<String, Integer> held(Subscription subscription, Instant at) {
    Map<String, Integer> held = new HashMap<>();
    subscription
        .addOnsAt(at)
        .forEach(item -> held.merge(item.key(), item.quantity(), Integer::sum));
    return held;
  }
}
