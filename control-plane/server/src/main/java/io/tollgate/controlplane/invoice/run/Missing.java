package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a catalog lacks to bill steps that were billed under another one. */
final class Missing {
  private final Catalog catalog;
  private final Set<String> problems = new LinkedHashSet<>();

  Missing(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Looks at the items in force on both sides of a step. */
  void look(Bills step) {
    Subscription was = step.revision().before();
    if (was != null) {
      look(was, step.revision().at().minusNanos(1));
    }
    look(step.revision().after(), step.revision().at());
  }

  private void look(Subscription subscription, Instant at) {
    for (SubscriptionItem item : subscription.items()) {
      if (item.isInForceAt(at) && UnitPrices.price(catalog, subscription, item).isEmpty()) {
        problems.add(problem(subscription, item));
      }
    }
  }

  private String problem(Subscription subscription, SubscriptionItem item) {
    boolean known =
        switch (item.kind()) {
          case PLAN -> catalog.plan(item.key()).isPresent();
          case ADD_ON -> catalog.addOn(item.key()).isPresent();
        };
    String what = (item.kind() == SubscriptionItem.Kind.PLAN ? "plan '" : "add-on '") + item.key();
    return known
        ? what
            + "' has no price in "
            + subscription.currency().getCode()
            + " "
            + subscription.cycle()
        : what + "' is not in the catalog";
  }

  List<String> problems() {
    return new ArrayList<>(problems);
  }
}
