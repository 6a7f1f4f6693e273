package io.tollgate.controlplane.discount;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.discount.Reductions.Off;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.Size;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

class ReductionsTest {
  @Test
  void percent_isTakenOffEachCharge_butNoCredit() {
    List<Off> offs = Reductions.of(dollars("99.00", "-10.00", "0.02"), List.of(percent("25", 1)));
    assertThat(offs).extracting(Off::line).containsExactly(0, 2);
    assertThat(offs).extracting(Off::amount).containsExactlyElementsOf(dollars("24.75", "0.01"));
  }

  @Test
  void amount_isSpreadOverTheLines_andUsedUpAtMost() {
    Coupon ten = amount("10");
    assertThat(Reductions.of(dollars("20.00", "10.00"), List.of(ten)))
        .extracting(Off::amount)
        .containsExactlyElementsOf(dollars("6.67", "3.33"));
    assertThat(Reductions.of(dollars("3.00"), List.of(ten)))
        .extracting(Off::amount)
        .containsExactlyElementsOf(dollars("3.00"));
  }

  @Test
  void several_comeInTheirOrder_eachOnWhatIsLeft() {
    List<Off> offs = Reductions.of(dollars("100.00"), List.of(percent("50", 2), amount("10")));
    assertThat(offs).extracting(Off::amount).containsExactlyElementsOf(dollars("10.00", "45.00"));
  }

  /** However many coupons: no line falls below zero. */
  @Property
  void of_anyCoupons_neverTakeMoreThanTheLine(
      @ForAll @Size(min = 1, max = 6)
          List<@BigRange(min = "-50", max = "500") @Scale(2) BigDecimal> lines,
      @ForAll @BigRange(min = "0", max = "100") @Scale(3) BigDecimal percent,
      @ForAll @BigRange(min = "0.01", max = "900") @Scale(2) BigDecimal amount) {
    List<Money> charges = lines.stream().map(line -> Money.of(CurrencyUnit.USD, line)).toList();
    List<Off> offs =
        Reductions.of(
            charges, List.of(percent(percent.toPlainString(), 1), amount(amount.toPlainString())));
    for (int line = 0; line < charges.size(); line++) {
      Money left = charges.get(line);
      for (Off off : offs) {
        left = off.line() == line ? left.minus(off.amount()) : left;
      }
      assertThat(left.isNegative()).isEqualTo(charges.get(line).isNegative());
    }
  }

  private static Coupon percent(String percent, int order) {
    return new Coupon(
        "PERCENT", "", new BigDecimal(percent), Map.of(), null, Set.of(), null, null, order, false);
  }

  private static Coupon amount(String amount) {
    return new Coupon(
        "AMOUNT",
        "",
        null,
        Map.of(CurrencyUnit.USD, new BigDecimal(amount)),
        null,
        Set.of(),
        null,
        null,
        1,
        false);
  }

  private static List<Money> dollars(String... amounts) {
    return List.of(amounts).stream().map(amount -> Money.parse("USD " + amount)).toList();
  }
}
