package io.tollgate.controlplane.payment.stripe;

import static org.assertj.core.api.Assertions.assertThat;

import org.joda.money.Money;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StripeAmountsTest {
  @ParameterizedTest
  @CsvSource({
    "INR 9999.00, 999900, inr",
    "USD 0.01, 1, usd",
    "JPY 500, 500, jpy",
    "ISK 500, 50000, isk",
    "UGX 500, 50000, ugx",
    "BHD 1.230, 1230, bhd",
  })
  void toStripe_andBack_keepsTheAmount(String amount, long units, String currency) {
    Money money = Money.parse(amount);
    assertThat(StripeAmounts.toStripe(money)).isEqualTo(units);
    assertThat(StripeAmounts.currency(money)).isEqualTo(currency);
    assertThat(StripeAmounts.fromStripe(units, currency)).isEqualTo(money);
  }
}
