package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Effect;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which prepaid units a step of a subscription brings: those of one-off add-ons bought with it, and
 * those of recurring ones at each period's start and when more of one is bought, in full also where
 * the fee is prorated.
 */
record AddOnUnits(Catalogs catalogs) {
  /**
   * Units an add-on brings.
   *
   * @param units how many it brings at most
   * @param all how many the purchase, or all that is held of the add-on in the period, is to have
   *     brought: what was taken away and comes back brings nothing anew
   * @param origin what names them
   * @param within what the origins of those begin with
   */
  record Bought(
      String meter,
      BigDecimal units,
      BigDecimal all,
      int priority,
      @Nullable Instant expiresAt,
      String origin,
      String within) {
    Deposit deposit(BigDecimal amount) {
      return new Deposit(amount, priority, expiresAt, Credit.Source.ADD_ON, origin);
    }
  }

  List<Bought> of(Transaction tx, Revision revision) {
    Subscription after = revision.after();
    if (!after.state().isInForce()) {
      return List.of();
    }
    Catalog catalog = catalogs.version(tx, after.catalog(), after.version()).catalog();
    List<Bought> bought = new ArrayList<>();
    for (SubscriptionItem item : after.addOnsAt(revision.at())) {
      AddOn addOn = catalog.addOn(item.key()).orElse(null);
      if (addOn != null && brings(addOn, item, revision)) {
        for (Effect effect : addOn.effects()) {
          if (effect instanceof Effect.Prepay prepay) {
            bought.add(bought(prepay, addOn, item, revision));
          }
        }
      }
    }
    return bought;
  }

  /** What names the units that a recurring add-on's item puts in for the present period. */
  static String origin(Subscription of, SubscriptionItem item) {
    return ofPeriod(of, item) + ":" + item.id();
  }

  private static String ofPeriod(Subscription of, SubscriptionItem item) {
    return of.id() + ":" + item.key() + ":" + of.current().start();
  }

  /** A trial is not billed, so recurring units begin with the first period. */
  private static boolean brings(AddOn addOn, SubscriptionItem item, Revision revision) {
    boolean fresh = item.from().equals(revision.at());
    if (addOn.isOneOff()) {
      return fresh;
    }
    Subscription before = revision.before();
    Subscription after = revision.after();
    return after.state() instanceof SubscriptionState.Active
        && (fresh
            || before == null
            || !before.current().start().equals(after.current().start())
            || !(before.state() instanceof SubscriptionState.Active
                || before.state() instanceof SubscriptionState.Paused));
  }

  private static Bought bought(
      Effect.Prepay prepay, AddOn addOn, SubscriptionItem item, Revision revision) {
    Subscription after = revision.after();
    String origin = addOn.isOneOff() ? item.id() + ":" + prepay.meter() : origin(after, item);
    int held =
        addOn.isOneOff()
            ? item.quantity()
            : after.addOnsAt(revision.at()).stream()
                .filter(other -> other.key().equals(item.key()))
                .mapToInt(SubscriptionItem::quantity)
                .sum();
    Instant expiresAt =
        switch (prepay.expiry()) {
          case Effect.Expiry.Never never -> null;
          case Effect.Expiry.PeriodEnd end -> after.current().end();
          case Effect.Expiry.After days ->
              revision.at().atZone(after.zone()).plusDays(days.days()).toInstant();
        };
    return new Bought(
        prepay.meter(),
        BigDecimal.valueOf(prepay.units()).multiply(BigDecimal.valueOf(item.quantity())),
        BigDecimal.valueOf(prepay.units()).multiply(BigDecimal.valueOf(held)),
        prepay.priority(),
        expiresAt,
        origin,
        addOn.isOneOff() ? origin : ofPeriod(after, item));
  }
}
