package io.tollgate.controlplane.invoice.document;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import org.joda.money.Money;

/**
 * An amount in words, as Indian tax invoices and many others carry it: "Rupees One Lakh Twenty
 * Thousand and Fifty Paise Only". English (in lakh and crore, or in millions) and German; any other
 * language is written in English.
 */
final class AmountInWords {
  /** What a currency's major and minor units are called in English. */
  private static final Map<String, Names> ENGLISH =
      Map.of(
          "INR", new Names("Rupees", "Paise"),
          "USD", new Names("US Dollars", "Cents"),
          "EUR", new Names("Euros", "Cents"),
          "GBP", new Names("Pounds Sterling", "Pence"),
          "CHF", new Names("Swiss Francs", "Centimes"),
          "AED", new Names("Dirhams", "Fils"));

  private static final Map<String, Names> GERMAN =
      Map.of(
          "INR", new Names("Rupien", "Paise"),
          "USD", new Names("US-Dollar", "Cent"),
          "EUR", new Names("Euro", "Cent"),
          "GBP", new Names("Pfund Sterling", "Pence"),
          "CHF", new Names("Franken", "Rappen"));

  private record Names(String major, String minor) {}

  private AmountInWords() {}

  /** The amount without its sign, in the locale's language and scale. */
  static String of(Money money, Locale locale) {
    BigDecimal amount = money.getAmount().abs();
    BigInteger major = amount.toBigInteger();
    int minor =
        amount
            .subtract(new BigDecimal(major))
            .movePointRight(money.getCurrencyUnit().getDecimalPlaces())
            .intValueExact();
    String code = money.getCurrencyUnit().getCode();
    if (locale.getLanguage().equals("de")) {
      Names names = GERMAN.getOrDefault(code, new Names(code, minorOf(money)));
      String cents = minor == 0 ? "" : " und " + GermanNumber.of(minor) + " " + names.minor();
      return words(major, GermanNumber::of) + " " + names.major() + cents;
    }
    Names names = ENGLISH.getOrDefault(code, new Names(code, minorOf(money)));
    EnglishNumber scale =
        AmountFormat.countsInLakh(locale) ? EnglishNumber.INDIAN : EnglishNumber.INTERNATIONAL;
    String cents = minor == 0 ? "" : " and " + scale.of(minor) + " " + names.minor();
    return names.major() + " " + words(major, scale::of) + cents + " Only";
  }

  /** The number's words; its figures where the languages have none any more. */
  private static String words(BigInteger number, LongFunction<String> language) {
    return number.bitLength() < Long.SIZE
        ? language.apply(number.longValueExact())
        : number.toString();
  }

  private static String minorOf(Money money) {
    return "/ 1" + "0".repeat(money.getCurrencyUnit().getDecimalPlaces());
  }
}
