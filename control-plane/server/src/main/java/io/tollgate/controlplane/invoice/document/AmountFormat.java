package io.tollgate.controlplane.invoice.document;

import java.math.BigDecimal;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.Currency;
import java.util.Locale;
import java.util.Set;
import org.joda.money.Money;

/**
 * Amounts and quantities as a locale writes them. The JDK places symbols and chooses separators but
 * knows one group size only; Indian grouping (12,34,567.00) is done here.
 */
final class AmountFormat {
  /** Countries whose digits are grouped 3, 2, 2. */
  private static final Set<String> LAKH = Set.of("IN", "BD");

  private static final char MINUS = '-';

  private final Locale locale;
  private final DecimalFormatSymbols symbols;

  AmountFormat(Locale locale) {
    this.locale = locale;
    this.symbols = DecimalFormatSymbols.getInstance(locale);
  }

  /** Whether the locale counts in lakh and crore. */
  static boolean countsInLakh(Locale locale) {
    return LAKH.contains(locale.getCountry());
  }

  /** With the currency's symbol where the locale puts it, and all minor digits. */
  String money(Money money) {
    DecimalFormat pattern = (DecimalFormat) NumberFormat.getCurrencyInstance(locale);
    pattern.setCurrency(Currency.getInstance(money.getCurrencyUnit().getCode()));
    String digits = number(money.getAmount().abs());
    String sign = money.isNegative() ? String.valueOf(MINUS) : "";
    return withoutMarks(sign + pattern.getPositivePrefix() + digits + pattern.getPositiveSuffix());
  }

  /**
   * A text without the marks that turn the order of its parts in a document that runs from left to
   * right.
   */
  static String withoutMarks(String text) {
    return text.replaceAll("[\\u061c\\u200e\\u200f]", "");
  }

  /** A plain number with the scale it has. */
  String number(BigDecimal value) {
    String plain = value.abs().toPlainString();
    int point = plain.indexOf('.');
    String whole = point < 0 ? plain : plain.substring(0, point);
    StringBuilder text = new StringBuilder(value.signum() < 0 ? String.valueOf(MINUS) : "");
    group(whole, text);
    if (point >= 0) {
      text.append(symbols.getDecimalSeparator()).append(plain, point + 1, plain.length());
    }
    return text.toString();
  }

  /** A number without zeros behind its last digit. */
  String quantity(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return number(stripped.scale() < 0 ? stripped.setScale(0) : stripped);
  }

  private void group(String digits, StringBuilder text) {
    int rest = digits.length();
    for (int i = 0; i < digits.length(); i++, rest--) {
      if (i > 0 && startsGroup(rest)) {
        text.append(symbols.getGroupingSeparator());
      }
      text.append(digits.charAt(i));
    }
  }

  private boolean startsGroup(int rest) {
    return countsInLakh(locale) ? rest == 3 || (rest > 3 && rest % 2 == 1) : rest % 3 == 0;
  }
}
