package io.tollgate.controlplane.invoice.composition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.InvoiceLine;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaxRoundingTest {
  private static final CurrencyUnit EUR = CurrencyUnit.EUR;
  private static final Period JANUARY =
      new Period(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-02-01T00:00:00Z"));

  /** The rates a line may have: percentages that leave every kind of fraction. */
  private static final List<List<InvoiceLine.TaxAmount>> RATES =
      List.of(
          List.of(),
          List.of(rate("VAT", "20")),
          List.of(rate("VAT", "5.5")),
          List.of(rate("CGST", "9"), rate("SGST", "9")),
          List.of(rate("State", "8.25"), rate("City", "0.375"), rate("VAT", "20")));

  /** Lago's credit_note_spec: two of 68.33 at 20 % are 27.33 of tax, four are 54.66. */
  @Test
  void once_spreadsTheSumByLargestRemainder() {
    assertThat(taxes(once(lines("68.33", "68.33"), false)))
        .containsExactly(euro("13.67"), euro("13.66"));
    assertThat(taxes(once(lines("68.33", "68.33", "68.33", "68.33"), false)))
        .containsExactly(euro("13.67"), euro("13.67"), euro("13.66"), euro("13.66"));
    assertThat(taxes(once(lines("0.02", "0.01", "0.02"), false)))
        .as("0.004, 0.002 and 0.004 are 0.01, of the first of the largest")
        .containsExactly(euro("0.01"), euro("0.00"), euro("0.00"));
  }

  @Test
  void once_ofALineThatIsCredited_keepsWhatWasCharged() {
    List<InvoiceLine> lines = new ArrayList<>(lines("68.33", "68.33", "68.33"));
    InvoiceLine credited = lines.get(1);
    lines.add(
        line(
            4,
            new Charge.ProrationCredit("p"),
            credited.source(),
            "-68.33",
            List.of(new InvoiceLine.TaxAmount("VAT", new BigDecimal("20"), euro("-13.67")))));
    assertThat(taxes(once(lines, false)))
        .containsExactly(euro("13.67"), euro("13.67"), euro("13.66"), euro("-13.67"));
  }

  /** Nobody credits the usage of a plan whose fee is given back, nor the fee of another period. */
  @Test
  void once_ofWhatACreditIsNotOf_isRoundedWithTheOthers() {
    List<InvoiceLine.TaxAmount> tax = lines("68.33").getFirst().taxes();
    List<InvoiceLine> lines = new ArrayList<>();
    lines.add(line(1, new Charge.Usage("a", "a"), "itm_1", "68.33", tax));
    lines.add(line(2, new Charge.Usage("b", "b"), "itm_1", "68.33", tax));
    lines.add(
        line(
            3,
            new Charge.ProrationCredit("p"),
            "itm_1",
            "-5.16",
            List.of(new InvoiceLine.TaxAmount("VAT", new BigDecimal("20"), euro("-1.03")))));
    assertThat(taxes(once(lines, false)))
        .containsExactly(euro("13.67"), euro("13.66"), euro("-1.03"));
  }

  @Property(tries = 2_000)
  void once_sumOfEachRateIsRoundedOnce(
      @ForAll boolean inclusive,
      @ForAll @Size(min = 1, max = 30) List<@LongRange(min = 0, max = 9_999) Long> cents,
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 0, max = 4) Integer> rates,
      @ForAll @IntRange(min = 0, max = 90) int percentOff) {
    List<InvoiceLine> before = new ArrayList<>();
    for (int i = 0; i < cents.size(); i++) {
      Money price = Money.ofMinor(EUR, cents.get(i));
      addLine(before, price, RATES.get(rates.get(i % rates.size())), percentOff, inclusive);
    }
    List<InvoiceLine> after = once(before, inclusive);
    assertThat(total(after))
        .as("of the lines, which is that of the prices where they contain the tax")
        .isEqualTo(inclusive ? total(before) : net(before).plus(tax(after)));
    for (InvoiceLine.TaxAmount rate : RATES.stream().flatMap(List::stream).distinct().toList()) {
      BigDecimal exact = BigDecimal.ZERO;
      Money charged = Money.zero(EUR);
      for (InvoiceLine line : after) {
        for (InvoiceLine.TaxAmount tax : line.taxes()) {
          if (tax.name().equals(rate.name()) && tax.percent().compareTo(rate.percent()) == 0) {
            BigDecimal own = exact(after, line, tax, inclusive);
            assertThat(tax.amount().getAmount().subtract(own).abs())
                .as("%s of %s", tax, line)
                .isLessThan(new BigDecimal("0.01"));
            exact = exact.add(own);
            charged = charged.plus(tax.amount());
          }
        }
      }
      RoundingMode half = inclusive ? RoundingMode.HALF_DOWN : RoundingMode.HALF_UP;
      BigDecimal settled = exact.setScale(12, RoundingMode.HALF_EVEN);
      assertThat(charged).isEqualTo(Money.of(EUR, settled, half));
    }
    for (InvoiceLine line : after) {
      assertThat(line.of() == null && line.amount().isNegative()).as("%s", line).isFalse();
    }
  }

  /** Of one line and one tax both ways of rounding come to the same. */
  @Property(tries = 2_000)
  void once_ofOneLine_changesNothing(
      @ForAll boolean inclusive,
      @ForAll @LongRange(min = 0, max = 1_000_000) long cents,
      @ForAll @IntRange(min = 1, max = 10_000) int basisPoints) {
    InvoiceLine.TaxAmount rate =
        new InvoiceLine.TaxAmount("VAT", BigDecimal.valueOf(basisPoints, 2), Money.zero(EUR));
    List<InvoiceLine> before = new ArrayList<>();
    addLine(before, Money.ofMinor(EUR, cents), List.of(rate), 0, inclusive);
    assertThat(once(before, inclusive)).isEqualTo(before);
  }

  private static List<InvoiceLine> once(List<InvoiceLine> lines, boolean inclusive) {
    Set<Integer> open = lines.stream().map(InvoiceLine::position).collect(Collectors.toSet());
    return TaxRounding.once(lines, open, inclusive);
  }

  private static List<Money> taxes(List<InvoiceLine> lines) {
    return lines.stream().map(InvoiceLine::tax).toList();
  }

  private static List<InvoiceLine> lines(String... nets) {
    List<InvoiceLine> lines = new ArrayList<>();
    Arrays.stream(nets).forEach(net -> addLine(lines, euro(net), RATES.get(1), 0, false));
    return lines;
  }

  /** A line, rounded by itself, and its discount. */
  private static void addLine(
      List<InvoiceLine> lines,
      Money price,
      List<InvoiceLine.TaxAmount> rates,
      int percentOff,
      boolean inclusive) {
    Money off = share(price, BigDecimal.valueOf(percentOff), BigDecimal.valueOf(100));
    Money left = price.minus(off);
    BigDecimal percent =
        rates.stream().map(InvoiceLine.TaxAmount::percent).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal hundred = BigDecimal.valueOf(100);
    Money net = inclusive ? share(left, hundred, hundred.add(percent)) : left;
    Money whole = inclusive ? left.minus(net) : share(net, percent, hundred);
    List<InvoiceLine.TaxAmount> taxes = new ArrayList<>();
    Money open = whole;
    for (int i = 0; i < rates.size(); i++) {
      InvoiceLine.TaxAmount rate = rates.get(i);
      Money amount = i == rates.size() - 1 ? open : share(whole, rate.percent(), percent);
      open = open.minus(amount);
      taxes.add(new InvoiceLine.TaxAmount(rate.name(), rate.percent(), amount));
    }
    int position = lines.size() + 1;
    Money discount = Net.of(off, left, net);
    lines.add(
        line(
            position,
            new Charge.BaseFee("p"),
            "itm_" + position,
            net.plus(discount).getAmount().toPlainString(),
            taxes));
    if (discount.isPositive()) {
      lines.add(discount(position + 1, position, discount.negated()));
    }
  }

  private static BigDecimal exact(
      List<InvoiceLine> lines, InvoiceLine line, InvoiceLine.TaxAmount tax, boolean inclusive) {
    Money base = line.amount();
    for (InvoiceLine other : lines) {
      Integer of = other.of();
      base = of != null && of == line.position() ? base.plus(other.amount()) : base;
    }
    BigDecimal whole = BigDecimal.valueOf(100);
    if (inclusive) {
      base = base.plus(line.tax());
      for (InvoiceLine.TaxAmount each : line.taxes()) {
        whole = whole.add(each.percent());
      }
    }
    return base.getAmount().multiply(tax.percent()).divide(whole, MathContext.DECIMAL128);
  }

  private static Money total(List<InvoiceLine> lines) {
    return net(lines).plus(tax(lines));
  }

  private static Money net(List<InvoiceLine> lines) {
    return lines.stream().map(InvoiceLine::amount).reduce(Money.zero(EUR), Money::plus);
  }

  private static Money tax(List<InvoiceLine> lines) {
    return lines.stream().map(InvoiceLine::tax).reduce(Money.zero(EUR), Money::plus);
  }

  private static Money share(Money whole, BigDecimal part, BigDecimal of) {
    return Money.of(EUR, whole.getAmount().multiply(part).divide(of, 2, RoundingMode.HALF_UP));
  }

  private static InvoiceLine.TaxAmount rate(String name, String percent) {
    return new InvoiceLine.TaxAmount(name, new BigDecimal(percent), Money.zero(EUR));
  }

  private static Money euro(String amount) {
    return Money.of(EUR, new BigDecimal(amount));
  }

  private static InvoiceLine line(
      int position,
      Charge charge,
      @Nullable String source,
      String amount,
      List<InvoiceLine.TaxAmount> taxes) {
    return line(position, charge, source, euro(amount), taxes, null);
  }

  private static InvoiceLine discount(int position, int of, Money amount) {
    return line(position, new Charge.Discount("OFF"), "itm_" + of, amount, List.of(), of);
  }

  private static InvoiceLine line(
      int position,
      Charge charge,
      @Nullable String source,
      Money amount,
      List<InvoiceLine.TaxAmount> taxes,
      @Nullable Integer of) {
    return new InvoiceLine(
        position,
        charge,
        "sub_1",
        source,
        "line " + position,
        "",
        JANUARY,
        BigDecimal.ONE,
        "",
        amount,
        taxes,
        of,
        null,
        null);
  }
}
