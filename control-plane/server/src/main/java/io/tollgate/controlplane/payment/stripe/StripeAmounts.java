package io.tollgate.controlplane.payment.stripe;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * Amounts as Stripe counts them: whole units of a currency's smallest part, which is not always ISO
 * 4217's (Stripe, "Supported currencies", "Zero-decimal" and "Special cases").
 */
final class StripeAmounts {
  private static final Set<String> ZERO_DECIMAL =
      Set.of(
          "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
          "XOF", "XPF");
  private static final Set<String> THREE_DECIMAL = Set.of("BHD", "JOD", "KWD", "OMR", "TND");

  private StripeAmounts() {}

  /**
   * Whether Stripe takes exactly this: nothing below its smallest unit, and of currencies of three
   * decimals only tens of it (Stripe, "Supported currencies", "Three-decimal currencies").
   */
  static boolean isExact(Money amount) {
    int digits = digits(amount.getCurrencyUnit());
    int taken = digits == 3 ? 2 : digits;
    return amount.getAmount().stripTrailingZeros().scale() <= taken;
  }

  /**
   * @throws ArithmeticException where Stripe cannot express the amount exactly
   */
  static long toStripe(Money amount) {
    return amount
        .getAmount()
        .movePointRight(digits(amount.getCurrencyUnit()))
        .setScale(0, RoundingMode.UNNECESSARY)
        .longValueExact();
  }

  static Money fromStripe(long units, String currency) {
    CurrencyUnit unit = CurrencyUnit.of(currency.toUpperCase(Locale.ROOT));
    return Money.of(unit, BigDecimal.valueOf(units, digits(unit)), RoundingMode.UNNECESSARY);
  }

  static String currency(Money amount) {
    return amount.getCurrencyUnit().getCode().toLowerCase(Locale.ROOT);
  }

  private static int digits(CurrencyUnit unit) {
    if (ZERO_DECIMAL.contains(unit.getCode())) {
      return 0;
    }
    return THREE_DECIMAL.contains(unit.getCode()) ? 3 : 2;
  }
}
