package io.tollgate.controlplane.invoice;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.joda.money.Money;

/**
 * Cells, one after the other, scaled to a part of their sum: the running totals are rounded, so
 * that the scaled cells come to the part exactly. Not thread-safe.
 */
final class Spread {
  private final Money part;
  private final Money whole;
  private Money running;
  private Money scaled;

  /**
   * @param part what the scaled cells come to
   * @param whole the cells' sum
   */
  Spread(Money part, Money whole) {
    this.part = part;
    this.whole = whole;
    this.running = Money.zero(whole.getCurrencyUnit());
    this.scaled = running;
  }

  /** The next cell, scaled. */
  Money next(Money cell) {
    if (whole.isZero()) {
      return cell;
    }
    running = running.plus(cell);
    Money upTo = share(running, part.getAmount(), whole.getAmount());
    Money share = upTo.minus(scaled);
    scaled = upTo;
    return share;
  }

  /** {@code whole * part / of}, rounded once. */
  static Money share(Money whole, BigDecimal part, BigDecimal of) {
    return Money.of(
        whole.getCurrencyUnit(),
        whole
            .getAmount()
            .multiply(part)
            .divide(of, whole.getCurrencyUnit().getDecimalPlaces(), RoundingMode.HALF_UP));
  }
}
