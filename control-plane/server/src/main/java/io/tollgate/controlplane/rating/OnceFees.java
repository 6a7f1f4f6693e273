package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.rating.PricedLine.Kind;
import io.tollgate.controlplane.rating.PricedLine.Part;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * The lines of what is charged once. Pure.
 *
 * @param fees of the subscription under its catalog version
 */
record OnceFees(Fees fees) {
  /** See {@link Fees#setup}. */
  Optional<PricedLine> setup(Period first) {
    return subscription().planAt(first.start()).flatMap(item -> setup(item, first));
  }

  private Optional<PricedLine> setup(SubscriptionItem item, Period first) {
    Plan plan = fees.catalog().plan(item.key()).orElse(null);
    BigDecimal amount = plan == null ? null : plan.setupFees().get(subscription().currency());
    if (plan == null || amount == null) {
      return Optional.empty();
    }
    return Optional.of(
        new PricedLine(
            Kind.SETUP_FEE,
            subscription().id(),
            item.id(),
            plan.key(),
            plan.title() + ", setup",
            BigDecimal.ONE,
            Share.ALL.of(amount, subscription().currency()),
            first,
            plan.taxCategory(),
            List.of(new Part(BigDecimal.ONE, amount, amount, "once"))));
  }

  /** See {@link Fees#oneOff}. */
  PricedLine oneOff(String key, int quantity, String purchase, Period period) {
    AddOn addOn = fees.catalog().addOn(key).orElseThrow();
    BigDecimal price = addOn.oneOff().get(subscription().currency());
    if (price == null) {
      throw new IllegalArgumentException(
          key + " has no price in " + subscription().currency().getCode());
    }
    BigDecimal count = BigDecimal.valueOf(quantity);
    BigDecimal exact = price.multiply(count);
    return new PricedLine(
        Kind.ONE_OFF,
        subscription().id(),
        purchase,
        key,
        addOn.title(),
        count,
        Share.ALL.of(exact, subscription().currency()),
        period,
        addOn.taxCategory(),
        List.of(new Part(count, price, exact, addOn.unit())));
  }

  private Subscription subscription() {
    return fees.subscription();
  }
}
