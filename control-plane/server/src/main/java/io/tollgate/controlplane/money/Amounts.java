package io.tollgate.controlplane.money;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;
import org.joda.money.Money;

/**
 * The rules of amounts: exact, with their currency, rounded once and HALF_UP to the currency's
 * minor unit (ISO 4217), split without losing or making a cent. Stateless.
 */
public final class Amounts {
  /** How every amount of this program is rounded. */
  public static final RoundingMode ROUNDING = RoundingMode.HALF_UP;

  /** What a number that somebody gives has to be, in words. */
  public static final String RANGE =
      "at most 15 digits before the decimal point and 12 after it are expected";

  private static final int MOST_BEFORE_THE_POINT = 15;
  private static final int MOST_AFTER_THE_POINT = 12;

  private Amounts() {}

  /**
   * Whether a price, an amount or a quantity that somebody gives is within what is reckoned with;
   * {@code 1e400} is not.
   */
  public static boolean isInRange(BigDecimal number) {
    BigDecimal bare = number.stripTrailingZeros();
    return bare.precision() - bare.scale() <= MOST_BEFORE_THE_POINT
        && bare.scale() <= MOST_AFTER_THE_POINT;
  }

  /**
   * A currency by its ISO 4217 code.
   *
   * @throws IllegalArgumentException naming the code, if there is no such currency
   */
  public static CurrencyUnit currency(String code) {
    try {
      return CurrencyUnit.of(code);
    } catch (IllegalCurrencyException e) {
      throw new IllegalArgumentException(
          "'" + code + "' is no currency; an ISO 4217 code such as INR is expected", e);
    }
  }

  /** Any exact number as an amount, rounded to the currency's minor unit. */
  public static Money rounded(BigDecimal number, CurrencyUnit currency) {
    return Money.of(currency, number, ROUNDING);
  }

  /**
   * An amount that needs no rounding.
   *
   * @throws IllegalArgumentException if it has digits beyond the minor unit, or the currency does
   *     not exist
   */
  public static Money exact(BigDecimal number, String currency) {
    CurrencyUnit unit = currency(currency);
    try {
      return Money.of(unit, number, RoundingMode.UNNECESSARY);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s has more than the %d decimal place(s) of %s"
              .formatted(number.toPlainString(), unit.getDecimalPlaces(), unit.getCode()),
          e);
    }
  }

  /** The sum; zero of the currency for no amounts. */
  public static Money sum(Iterable<Money> amounts, CurrencyUnit currency) {
    Money sum = Money.zero(currency);
    for (Money amount : amounts) {
      sum = sum.plus(amount);
    }
    return sum;
  }

  /**
   * The part of an amount, such as 10 of 31 days, rounded.
   *
   * @param part numerator
   * @param whole denominator, above 0
   */
  public static Money share(Money amount, long part, long whole) {
    if (whole <= 0) {
      throw new IllegalArgumentException("a share of " + whole + " parts");
    }
    int scale = amount.getCurrencyUnit().getDecimalPlaces();
    BigDecimal share =
        amount
            .getAmount()
            .multiply(BigDecimal.valueOf(part))
            .divide(BigDecimal.valueOf(whole), scale, ROUNDING);
    return Money.of(amount.getCurrencyUnit(), share);
  }

  /** A percentage of an amount, rounded. */
  public static Money percent(Money amount, BigDecimal percent) {
    return rounded(amount.getAmount().multiply(percent).movePointLeft(2), amount.getCurrencyUnit());
  }

  /**
   * Splits an amount by weights so that the parts add up to it exactly and none is more than one
   * minor unit away from its exact share (largest remainder; ties go to the earlier part).
   *
   * @param weights none negative, at least one above zero
   * @throws IllegalArgumentException for other weights
   */
  public static List<Money> split(Money total, List<BigDecimal> weights) {
    BigDecimal whole = weights.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    if (whole.signum() <= 0 || weights.stream().anyMatch(weight -> weight.signum() < 0)) {
      throw new IllegalArgumentException("weights must not be negative nor all zero: " + weights);
    }
    int places = weights.stream().mapToInt(BigDecimal::scale).max().orElse(0);
    BigInteger denominator = whole.setScale(places).unscaledValue();
    BigInteger minor = total.getAmountMinor().toBigIntegerExact();
    List<BigInteger> parts = new ArrayList<>();
    List<BigInteger> remainders = new ArrayList<>();
    BigInteger left = minor.abs();
    for (BigDecimal weight : weights) {
      BigInteger[] division =
          minor
              .abs()
              .multiply(weight.setScale(places).unscaledValue())
              .divideAndRemainder(denominator);
      parts.add(division[0]);
      remainders.add(division[1]);
      left = left.subtract(division[0]);
    }
    IntStream.range(0, parts.size())
        .boxed()
        .sorted(Comparator.comparing(remainders::get, Comparator.reverseOrder()))
        .limit(left.longValueExact())
        .forEach(place -> parts.set(place, parts.get(place).add(BigInteger.ONE)));
    return parts.stream()
        .map(part -> minor.signum() < 0 ? part.negate() : part)
        .map(part -> ofMinor(part, total.getCurrencyUnit()))
        .toList();
  }

  private static Money ofMinor(BigInteger minor, CurrencyUnit currency) {
    return Money.of(currency, new BigDecimal(minor, currency.getDecimalPlaces()));
  }
}
