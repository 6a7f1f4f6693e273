package io.tollgate.controlplane.rating;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * A part of a whole as an exact fraction, so that nothing is rounded before the line is.
 *
 * @param part 0 to {@code whole}
 * @param whole at least 1
 */
public record Share(long part, long whole) {
  /** All of it. */
  public static final Share ALL = new Share(1, 1);

  /** Nothing of it. */
  public static final Share NOTHING = new Share(0, 1);

  public Share {
    if (whole < 1 || part < 0 || part > whole) {
      throw new IllegalArgumentException("share: " + part + " of " + whole);
    }
  }

  /** What this leaves of the whole. */
  public Share rest() {
    return new Share(whole - part, whole);
  }

  /** The part of an exact amount, rounded once, HALF_UP, to the currency's minor unit. */
  public Money of(BigDecimal amount, CurrencyUnit currency) {
    return Money.of(
        currency,
        amount
            .multiply(BigDecimal.valueOf(part))
            .divide(BigDecimal.valueOf(whole), currency.getDecimalPlaces(), RoundingMode.HALF_UP));
  }

  /** The part of an amount of money, rounded once. */
  public Money of(Money amount) {
    return of(amount.getAmount(), amount.getCurrencyUnit());
  }

  /** The part of so many units, in whole ones, HALF_UP. */
  BigDecimal ofUnits(BigDecimal units) {
    return part == whole
        ? units
        : units
            .multiply(BigDecimal.valueOf(part))
            .divide(BigDecimal.valueOf(whole), 0, RoundingMode.HALF_UP);
  }

  /**
   * So many units of so many.
   *
   * @param part 0 to {@code whole}
   * @param whole over 0; with the other at most 18 digits
   */
  public static Share of(BigDecimal part, BigDecimal whole) {
    int decimals = Math.max(0, Math.max(part.scale(), whole.scale()));
    return new Share(
        part.movePointRight(decimals).longValueExact(),
        whole.movePointRight(decimals).longValueExact());
  }

  /** Whether it is less of its whole than another is of its own. */
  boolean isLessThan(Share other) {
    return BigDecimal.valueOf(part)
            .multiply(BigDecimal.valueOf(other.whole))
            .compareTo(BigDecimal.valueOf(other.part).multiply(BigDecimal.valueOf(whole)))
        < 0;
  }

  /** As text for a line that says it of all, too, such as {@code 31 of 31 days}. */
  String inFull(String unit) {
    return whole == 1 ? text(unit) : part + " of " + whole + " " + unit;
  }

  /** As text for a line, such as {@code 12 of 31}; empty for all. */
  String text(String unit) {
    return part == whole ? "" : part + " of " + whole + " " + unit;
  }
}
