package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one unit of a plan or add-on costs for one period, before tax unless the catalog's taxes are
 * inclusive.
 *
 * @param currency the currency
 * @param cycle the period's length
 * @param amount per unit and period, at least 0, any scale; null where the model says, or where it
 *     is agreed with each subscriber
 * @param model what a quantity of units costs a period, such as seats in tiers; null for most
 */
public record Price(
    CurrencyUnit currency, Cycle cycle, @Nullable BigDecimal amount, @Nullable PriceModel model) {
  /** A price per unit; null where it is agreed with each subscriber. */
  public Price(CurrencyUnit currency, Cycle cycle, @Nullable BigDecimal amount) {
    this(currency, cycle, amount, null);
  }

  public Price {
    Objects.requireNonNull(currency, "currency");
    Objects.requireNonNull(cycle, "cycle");
    if (amount != null && amount.signum() < 0) {
      throw new IllegalArgumentException("amount: at least 0, not " + amount);
    }
    if (amount != null && model != null) {
      throw new IllegalArgumentException("amount: the model says it");
    }
  }

  /** Whether the amount is agreed with each subscriber ("custom"). */
  public boolean isCustom() {
    return amount == null && model == null;
  }

  /** The same price for a cycle that is a whole multiple of this one; empty where it is not. */
  Optional<Price> scaledTo(Cycle longer) {
    return amount == null
        ? Optional.empty()
        : longer
            .multipleOf(cycle)
            .map(times -> new Price(currency, longer, amount.multiply(BigDecimal.valueOf(times))));
  }
}
