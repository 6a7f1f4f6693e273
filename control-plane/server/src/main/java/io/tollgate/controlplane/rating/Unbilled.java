package io.tollgate.controlplane.rating;

import io.tollgate.controlplane.catalog.Policies.ChangeKind;
import io.tollgate.controlplane.catalog.Policies.Prorated;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * What of a change inside a period the catalog bills with the renewal only: it is neither charged
 * nor given back before. A plan that changes so is the same item under other terms, of which a
 * change bills nothing by itself. Pure.
 */
record Unbilled(Fees before, Fees after, Instant at) {
  /** Whether nothing is given back of an item that ends. */
  boolean isKept(SubscriptionItem item) {
    if (after.subscription().state().isOver()) {
      return false;
    }
    boolean anew = !after.subscription().cycle().equals(before.subscription().cycle());
    boolean goesOn = held(after.subscription(), item) == held(before.subscription(), item);
    return (anew && goesOn) ? ofPlan() : ofAddOn(item);
  }

  /** Whether nothing is charged for an item that begins inside the period. */
  boolean isFree(SubscriptionItem item) {
    return ofAddOn(item);
  }

  /** A change of plan, units and cycle is one; add-ons go by themselves. */
  private boolean ofPlan() {
    Set<ChangeKind> kinds = ChangeKinds.of(before, after, at);
    kinds.removeAll(EnumSet.of(ChangeKind.ADD_ON_ADDED, ChangeKind.ADD_ON_REMOVED));
    return after.catalog().policies().isUnbilled(kinds);
  }

  private boolean ofAddOn(SubscriptionItem item) {
    if (item.kind() != SubscriptionItem.Kind.ADD_ON) {
      return false;
    }
    int more = held(after.subscription(), item) - held(before.subscription(), item);
    return more != 0 && isNone(more > 0 ? ChangeKind.ADD_ON_ADDED : ChangeKind.ADD_ON_REMOVED);
  }

  private int held(Subscription subscription, SubscriptionItem like) {
    return subscription.addOnsAt(at).stream()
        .filter(item -> item.key().equals(like.key()))
        .mapToInt(SubscriptionItem::quantity)
        .sum();
  }

  private boolean isNone(ChangeKind kind) {
    return after.catalog().policies().prorated(kind) == Prorated.NONE;
  }
}
