package io.tollgate.controlplane.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.Size;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

class AmountsTest {
  private static final CurrencyUnit INR = CurrencyUnit.of("INR");

  @Property
  void split_addsUpAndIsFair(
      @ForAll @LongRange(min = -1_000_000_000_000L, max = 1_000_000_000_000L) long minor,
      @ForAll @Size(min = 1, max = 12)
          List<@BigRange(min = "0", max = "1000") @Scale(3) BigDecimal> weights) {
    BigDecimal whole = weights.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    Assume.that(whole.signum() > 0);
    Money total = Money.ofMinor(INR, minor);
    List<Money> parts = Amounts.split(total, weights);
    assertThat(Amounts.sum(parts, INR)).isEqualTo(total);
    for (int i = 0; i < parts.size(); i++) {
      BigDecimal exact =
          total.getAmount().multiply(weights.get(i)).divide(whole, 12, RoundingMode.HALF_UP);
      assertThat(parts.get(i).getAmount().subtract(exact).abs())
          .isLessThanOrEqualTo(new BigDecimal("0.010000000001"));
    }
  }

  @Property
  void share_ofAllDaysOnePlusRest_isWithinOneMinorUnit(
      @ForAll @LongRange(min = 0, max = 1_000_000_000L) long minor,
      @ForAll @LongRange(min = 0, max = 366) long days) {
    Money total = Money.ofMinor(INR, minor);
    Money both = Amounts.share(total, days, 366).plus(Amounts.share(total, 366 - days, 366));
    assertThat(both.minus(total).abs().getAmountMinorLong()).isLessThanOrEqualTo(1);
  }

  @Example
  void rounded_isHalfUpToTheMinorUnit() {
    assertThat(Amounts.rounded(new BigDecimal("8473.725"), INR)).hasToString("INR 8473.73");
    assertThat(Amounts.rounded(new BigDecimal("-0.005"), INR)).hasToString("INR -0.01");
    assertThat(Amounts.rounded(new BigDecimal("10.5"), CurrencyUnit.of("JPY")))
        .hasToString("JPY 11");
    assertThat(Amounts.rounded(new BigDecimal("1.0005"), CurrencyUnit.of("KWD")))
        .hasToString("KWD 1.001");
  }

  @Example
  void percent_isExactThenRounded() {
    assertThat(Amounts.percent(Money.parse("INR 8473.73"), new BigDecimal("18")))
        .hasToString("INR 1525.27");
  }

  @Example
  void exact_tooFine_isRefused() {
    assertThatThrownBy(() -> Amounts.exact(new BigDecimal("1.001"), "INR"))
        .hasMessageContaining("2 decimal place(s) of INR");
    assertThatThrownBy(() -> Amounts.exact(BigDecimal.ONE, "XXZ")).hasMessageContaining("ISO 4217");
  }

  @Example
  void split_withoutWeight_isRefused() {
    assertThatThrownBy(() -> Amounts.split(Money.parse("INR 1.00"), List.of(BigDecimal.ZERO)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
