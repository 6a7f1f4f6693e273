package io.tollgate.controlplane.invoice.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Locale;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

class AmountFormatTest {
  private static final Locale INDIA = Locale.forLanguageTag("en-IN");

  @Test
  void money_groupsInLakhInIndia() {
    AmountFormat format = new AmountFormat(INDIA);
    assertThat(format.money(Money.parse("INR 123456789.50"))).isEqualTo("₹12,34,56,789.50");
    assertThat(format.money(Money.parse("INR -100000"))).isEqualTo("-₹1,00,000.00");
    assertThat(format.money(Money.parse("INR 999"))).isEqualTo("₹999.00");
  }

  @Test
  void money_followsTheLocale() {
    assertThat(new AmountFormat(Locale.US).money(Money.parse("USD 1234567.89")))
        .isEqualTo("$1,234,567.89");
    assertThat(new AmountFormat(Locale.GERMANY).money(Money.parse("EUR 1234.5")))
        .isEqualTo("1.234,50\u00a0€");
    assertThat(new AmountFormat(Locale.US).money(Money.ofMajor(CurrencyUnit.JPY, 1234)))
        .isEqualTo("¥1,234");
  }

  @Test
  void quantity_dropsTrailingZeros() {
    AmountFormat format = new AmountFormat(Locale.US);
    assertThat(format.quantity(new BigDecimal("1000.00"))).isEqualTo("1,000");
    assertThat(format.quantity(new BigDecimal("0.1250"))).isEqualTo("0.125");
    assertThat(format.quantity(BigDecimal.ZERO)).isEqualTo("0");
  }

  @Test
  void words_countInLakhAndCroreInIndia() {
    assertThat(AmountInWords.of(Money.parse("INR 123456789.50"), INDIA))
        .isEqualTo(
            "Rupees Twelve Crore Thirty-Four Lakh Fifty-Six Thousand Seven Hundred Eighty-Nine"
                + " and Fifty Paise Only");
    assertThat(AmountInWords.of(Money.parse("INR 10000000000000"), INDIA))
        .isEqualTo("Rupees Ten Lakh Crore Only");
    assertThat(AmountInWords.of(Money.parse("INR 0"), INDIA)).isEqualTo("Rupees Zero Only");
    assertThat(AmountInWords.of(Money.parse("INR 9223372036854775808.50"), INDIA))
        .isEqualTo("Rupees 9223372036854775808 and Fifty Paise Only");
  }

  @Test
  void words_countInMillionsElsewhere() {
    assertThat(AmountInWords.of(Money.parse("USD 1234567.01"), Locale.US))
        .isEqualTo(
            "US Dollars One Million Two Hundred Thirty-Four Thousand Five Hundred Sixty-Seven"
                + " and One Cents Only");
    assertThat(AmountInWords.of(Money.ofMajor(CurrencyUnit.JPY, 1000), Locale.US))
        .isEqualTo("JPY One Thousand Only");
  }

  @Test
  void words_areGermanForGermans() {
    assertThat(AmountInWords.of(Money.parse("EUR 2001021.21"), Locale.GERMANY))
        .isEqualTo("zwei Millionen eintausendeinundzwanzig Euro und einundzwanzig Cent");
    assertThat(AmountInWords.of(Money.parse("CHF 117"), Locale.GERMANY))
        .isEqualTo("einhundertsiebzehn Franken");
  }
}
