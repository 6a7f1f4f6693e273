package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import org.joda.money.Money;

/** What a catalog asks for a subscription's items. Pure. */
final class UnitPrices {
  private UnitPrices() {}

  /** The price of the item, as the present period began with it, for a whole one; zero for none. */
  static BigDecimal of(Catalog catalog, Subscription subscription, String item) {
    return subscription.items().stream()
        .filter(each -> each.id().equals(item))
        .findFirst()
        .map(subscription::asBegun)
        .flatMap(each -> price(catalog, subscription, each))
        .orElse(BigDecimal.ZERO);
  }

  /** What was agreed, else the catalog's price; empty where it has none in currency and cycle. */
  static Optional<BigDecimal> price(
      Catalog catalog, Subscription subscription, SubscriptionItem item) {
    BigDecimal quantity = BigDecimal.valueOf(item.quantity());
    if (item.agreed() != null) {
      return Optional.of(item.agreed().multiply(quantity));
    }
    return switch (item.kind()) {
      case PLAN ->
          catalog
              .plan(item.key())
              .flatMap(plan -> plan.price(subscription.currency(), subscription.cycle()))
              .flatMap(price -> Fees.exact(price, quantity));
      case ADD_ON ->
          catalog.addOn(item.key()).flatMap(addOn -> price(addOn, subscription, quantity));
    };
  }

  private static Optional<BigDecimal> price(
      AddOn addOn, Subscription subscription, BigDecimal quantity) {
    return addOn.isOneOff()
        ? Optional.ofNullable(addOn.oneOff().get(subscription.currency())).map(quantity::multiply)
        : addOn
            .price(subscription.currency(), subscription.cycle())
            .flatMap(price -> Fees.exact(price, quantity));
  }

  /** An amount in the proportion of two prices, rounded to the currency's minor unit. */
  static Money scaled(Money amount, BigDecimal now, BigDecimal then) {
    return Money.of(
        amount.getCurrencyUnit(),
        amount
            .getAmount()
            .multiply(now)
            .divide(then, amount.getCurrencyUnit().getDecimalPlaces(), RoundingMode.HALF_UP));
  }
}
