package io.tollgate.controlplane.invoice.composition;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.joda.money.Money;

/** Takes a part of an amount to the scale on which the whole was taken to its net. */
final class Net {
  private Net() {}

  /**
   * {@code part * net / whole}, rounded once; the part itself where the whole is zero or contains
   * no tax.
   */
  static Money of(Money part, Money whole, Money net) {
    if (whole.isZero() || whole.equals(net)) {
      return part;
    }
    BigDecimal exact =
        part.getAmount()
            .multiply(net.getAmount())
            .divide(
                whole.getAmount(), part.getCurrencyUnit().getDecimalPlaces(), RoundingMode.HALF_UP);
    return Money.of(part.getCurrencyUnit(), exact);
  }
}
