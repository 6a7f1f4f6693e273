package io.tollgate.controlplane.rating;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;

/**
 * How an amount was split into what is without tax and its taxes, so that a part of it can be given
 * back with the taxes that were charged, whatever the buyer's place and the rates are by now.
 *
 * @param net without tax
 * @param taxes each on the invoice's line
 */
public record Split(Money net, List<Tax> taxes) {
  /** One tax, as its invoice named it. */
  public record Tax(String name, BigDecimal percent, Money amount) {}

  public Split {
    taxes = List.copyOf(taxes);
  }

  /** The sum of the taxes. */
  public Money tax() {
    Money sum = Money.zero(net.getCurrencyUnit());
    for (Tax tax : taxes) {
      sum = sum.plus(tax.amount());
    }
    return sum;
  }

  /** Net and taxes. */
  public Money gross() {
    return net.plus(tax());
  }

  /**
   * A share of it below zero. Its taxes are the differences of rounded running totals, so that they
   * come to the share of their sum.
   *
   * @param inclusive whether the share of the gross is what is rounded, and the net what remains
   */
  Split givenBack(Share share, boolean inclusive) {
    List<Tax> given = new ArrayList<>();
    Money running = Money.zero(net.getCurrencyUnit());
    Money before = running;
    for (Tax tax : taxes) {
      running = running.plus(tax.amount());
      Money upTo = share.of(running);
      given.add(new Tax(tax.name(), tax.percent(), before.minus(upTo)));
      before = upTo;
    }
    Money back = inclusive ? share.of(gross()).minus(before) : share.of(net);
    return new Split(back.negated(), given);
  }
}
