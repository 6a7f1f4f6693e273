package io.tollgate.controlplane.tax;

import java.util.List;
import org.joda.money.Money;

/**
 * One line with its taxes: {@code gross = net + sum of taxes}, always exactly.
 *
 * @param net without tax
 * @param gross with tax
 * @param code the category's code, such as a SAC; may be empty
 * @param taxes in the order an invoice shows them
 */
public record TaxedLine(Money net, Money gross, String code, List<TaxLine> taxes) {
  public TaxedLine {
    taxes = List.copyOf(taxes);
    Money sum = net;
    for (TaxLine tax : taxes) {
      sum = sum.plus(tax.amount());
    }
    if (!sum.isEqual(gross)) {
      throw new IllegalArgumentException("taxed line: " + net + " and its taxes are not " + gross);
    }
  }

  /** The sum of the taxes. */
  public Money tax() {
    return gross.minus(net);
  }
}
