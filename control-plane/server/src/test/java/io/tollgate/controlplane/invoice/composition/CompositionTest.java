package io.tollgate.controlplane.invoice.composition;

import static io.tollgate.controlplane.invoice.Gaudaan.MARCH;
import static io.tollgate.controlplane.invoice.Gaudaan.catalog;
import static io.tollgate.controlplane.invoice.Gaudaan.fees;
import static io.tollgate.controlplane.invoice.Gaudaan.march;
import static io.tollgate.controlplane.invoice.Gaudaan.plan;
import static io.tollgate.controlplane.invoice.Gaudaan.seats;
import static io.tollgate.controlplane.invoice.SampleInvoice.money;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.discount.Reductions;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.CreditNote;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Gaudaan;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.rating.ChangeFees;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.tax.CatalogTax;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

class CompositionTest {
  private final Composition composition = new Composition(new CatalogTax());

  @Test
  void compose_takesInclusivePricesApartAsDocument002ShouldHave() {
    Fees fees = fees(true, plan("itm_1", "premium", MARCH, null));
    InvoiceDetails invoice = compose(true, Reduction.Rule.NONE, advance(fees));
    assertThat(invoice.invoice().totals())
        .isEqualTo(new Invoice.Totals(money("8473.73"), money("1525.27"), money("9999.00")));
    assertThat(invoice.lines().get(0).taxes())
        .extracting(InvoiceLine.TaxAmount::name)
        .containsExactly("CGST", "SGST");
    assertThat(invoice.print().serviceCode()).isEqualTo("998314");
    assertThat(invoice.lines().get(0).description()).isEqualTo("premium plan – Monthly");
    assertThat(invoice.lines().get(0).detail())
        .isEqualTo("Unlimited donors, all modules, SLA support");
    assertThat(invoice.lines().get(0).unitPrice()).as("as it is sold").isEqualTo("9999");
  }

  @Test
  void compose_datesFollowDocument002() {
    Fees fees = fees(false, plan("itm_1", "starter", MARCH, null));
    Invoice invoice = compose(false, Reduction.Rule.NONE, advance(fees)).invoice();
    assertThat(invoice.issuedOn()).isEqualTo(LocalDate.of(2025, 3, 1));
    assertThat(invoice.dueOn()).isEqualTo(LocalDate.of(2025, 3, 7));
    assertThat(invoice.period()).isEqualTo(march());
  }

  @Test
  void compose_putsAdvanceAndArrearsOnOneInvoice() {
    Fees fees = fees(false, plan("itm_1", "starter", MARCH, null), seats(2));
    Period april = new Period(march().end(), Instant.parse("2025-04-30T18:30:00Z"));
    InvoiceDetails invoice =
        compose(
            false,
            Reduction.Rule.NONE,
            new Bill.Advance(fees, april, false),
            new Bill.Arrears(fees, march(), Map.of("calls", new BigDecimal("1500"))));
    assertThat(invoice.lines())
        .extracting(line -> line.charge().kind() + " " + line.amount())
        .containsExactly("BASE_FEE INR 999.00", "ADD_ON INR 598.00", "USAGE INR 137.50");
    InvoiceLine usage = invoice.lines().get(2);
    assertThat(usage.charge()).isEqualTo(new Charge.Usage("api", "calls"));
    assertThat(usage.detail()).contains("1000 × 0.1 = 100", "500 × 0.075 = 37.5");
    assertThat(usage.period()).isEqualTo(march());
    assertThat(invoice.invoice().totals().total()).isEqualTo(money("2046.71"));
  }

  @Test
  void compose_ofNothingButArrears_isForThePeriodThatEnded() {
    Fees fees = fees(false, plan("itm_1", "starter", MARCH, null));
    Period april = new Period(march().end(), Instant.parse("2025-04-30T18:30:00Z"));
    Instant middle = march().start().plus(Duration.ofDays(10));
    Fees nothing = fees(false);
    InvoiceDetails invoice =
        compose(
            false,
            Reduction.Rule.NONE,
            new Bill.Advance(nothing, april, false),
            arrears(fees, new Period(march().start(), middle)),
            arrears(fees, new Period(middle, march().end())));
    assertThat(invoice.invoice().period()).isEqualTo(march());
    InvoiceDetails both =
        compose(
            false,
            Reduction.Rule.NONE,
            arrears(fees, march()),
            new Bill.Advance(fees, april, false));
    assertThat(both.invoice().period()).isEqualTo(april);
  }

  private static Bill arrears(Fees fees, Period period) {
    return new Bill.Arrears(fees, period, Map.of("calls", new BigDecimal("1500")));
  }

  @Test
  void compose_ofADowngradeAtOnceGivesACreditNote() {
    Instant change = march().start().plus(Duration.ofDays(10));
    Fees before = fees(false, plan("itm_1", "premium", MARCH, null));
    Fees after =
        fees(
            false, plan("itm_1", "premium", MARCH, change), plan("itm_2", "starter", change, null));
    InvoiceDetails note =
        compose(
            false,
            Reduction.Rule.NONE,
            new Bill.Change(
                new ChangeFees(before, after, change),
                2,
                Map.of("itm_1", new ChangeFees.Charged(money("9999.00"), march()))));
    assertThat(note.invoice().kind()).isEqualTo(DocumentKind.CREDIT_NOTE);
    assertThat(note.lines())
        .extracting(line -> line.charge().kind() + " " + line.amount())
        .containsExactly("PRORATION_CREDIT INR -6773.52", "PRORATION_CHARGE INR 676.74");
  }

  @Property(tries = 300)
  void compose_sumOfLinesIsTheTotal(
      @ForAll boolean inclusive,
      @ForAll TaxRates.Rounding rounding,
      @ForAll @IntRange(min = 1, max = 99) int seats,
      @ForAll @LongRange(min = 0, max = 10_000_000) long calls,
      @ForAll @IntRange(min = 0, max = 100) int percent) {
    Fees fees = fees(inclusive, plan("itm_1", "starter", MARCH, null), seats(seats));
    InvoiceDetails invoice =
        compose(
            taxes(inclusive, rounding),
            percentOff(percent),
            advance(fees),
            new Bill.Arrears(fees, march(), Map.of("calls", BigDecimal.valueOf(calls))));
    Money sum = Money.zero(Gaudaan.INR);
    Money gross = sum;
    for (InvoiceLine line : invoice.lines()) {
      sum = sum.plus(line.amount()).plus(line.tax());
    }
    assertThat(sum).isEqualTo(invoice.invoice().totals().total());
    if (inclusive) {
      List<PricedLine> priced = new ArrayList<>(fees.inAdvance(march()));
      priced.addAll(
          new Bill.Arrears(fees, march(), Map.of("calls", BigDecimal.valueOf(calls))).lines());
      for (PricedLine line : priced) {
        gross = gross.plus(line.amount());
      }
      for (Reduction off : percentOff(percent).on(priced)) {
        gross = gross.minus(off.amount());
      }
      assertThat(sum).isEqualTo(gross);
    }
  }

  /** An amount of 5.00 is 5.00, however many lines share it and whatever tax is in their prices. */
  @Property(tries = 300)
  void compose_anAmountOff_isGrantedToTheCent(
      @ForAll boolean inclusive,
      @ForAll @IntRange(min = 1, max = 99) int seats,
      @ForAll @LongRange(min = 0, max = 100_000) long calls,
      @ForAll @LongRange(min = 1, max = 500_000) long paise) {
    Fees fees = fees(inclusive, plan("itm_1", "starter", MARCH, null), seats(seats));
    Bill[] bills = {
      advance(fees), new Bill.Arrears(fees, march(), Map.of("calls", BigDecimal.valueOf(calls)))
    };
    Money whole = compose(inclusive, Reduction.Rule.NONE, bills).invoice().totals().subtotal();
    Money offered = Money.ofMinor(Gaudaan.INR, paise);
    Coupon coupon =
        new Coupon(
            "OFF",
            "Off",
            null,
            Map.of(Gaudaan.INR, offered.getAmount()),
            1,
            Set.of("starter"),
            null,
            null,
            100,
            false);
    Reduction.Rule rule =
        lines ->
            Reductions.of(lines.stream().map(PricedLine::amount).toList(), List.of(coupon)).stream()
                .map(off -> new Reduction(off.line(), "OFF", "Off", off.amount()))
                .toList();
    InvoiceDetails invoice = compose(inclusive, rule, bills);
    Money granted = Money.zero(Gaudaan.INR);
    Money gross = granted;
    for (InvoiceLine line : invoice.lines()) {
      granted = line.granted() == null ? granted : granted.plus(line.granted());
      gross = gross.plus(line.amount()).plus(line.tax());
    }
    Money all = inclusive ? gross.plus(granted) : whole;
    assertThat(granted).isEqualTo(offered.isGreaterThan(all) ? all : offered);
    assertThat(gross).isEqualTo(invoice.invoice().totals().total());
  }

  @Property(tries = 300)
  void creditNotes_addUpToTheInvoiceLineByLine(
      @ForAll TaxRates.Rounding rounding,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 100_000) Integer> weights,
      @ForAll @IntRange(min = 1, max = 50) int seats,
      @ForAll @LongRange(min = 0, max = 100_000) long calls,
      @ForAll @IntRange(min = 0, max = 99) int percent) {
    Fees fees = fees(false, plan("itm_1", "starter", MARCH, null), seats(seats));
    InvoiceDetails invoice =
        compose(
            taxes(false, rounding),
            percentOff(percent),
            advance(fees),
            new Bill.Arrears(fees, march(), Map.of("calls", BigDecimal.valueOf(calls))));
    List<InvoiceLine> taken = new ArrayList<>();
    Money total = invoice.invoice().totals().total();
    List<Money> left = new ArrayList<>();
    invoice.lines().forEach(line -> left.add(line.amount().plus(line.tax())));
    Money before = Money.zero(Gaudaan.INR);
    long sum = weights.stream().mapToLong(Integer::longValue).sum();
    long running = 0;
    for (int weight : weights) {
      running += weight;
      Money upTo =
          total
              .multipliedBy(BigDecimal.valueOf(running), RoundingMode.HALF_UP)
              .dividedBy(BigDecimal.valueOf(sum), RoundingMode.HALF_UP);
      Money amount = upTo.minus(before);
      if (!amount.isPositive()) {
        continue;
      }
      List<InvoiceLine> lines = new CreditNote(invoice, taken).lines(amount, "test");
      taken.addAll(lines);
      Money noted = Money.zero(Gaudaan.INR);
      for (int i = 0; i < lines.size(); i++) {
        Money gross = lines.get(i).amount().plus(lines.get(i).tax());
        noted = noted.plus(gross);
        left.set(i, left.get(i).plus(gross));
      }
      assertThat(noted).isEqualTo(amount.negated());
      before = upTo;
    }
    assertThat(left).allMatch(Money::isZero);
  }

  @Property(tries = 300)
  void creditNotes_ofLines_neverTakeMoreThanIsLeftOfEach(
      @ForAll boolean inclusive,
      @ForAll TaxRates.Rounding rounding,
      @ForAll @Size(min = 1, max = 9) List<@IntRange(min = 1, max = 3_000) Integer> steps,
      @ForAll @IntRange(min = 1, max = 50) int seats,
      @ForAll @LongRange(min = 1, max = 100_000) long calls,
      @ForAll @IntRange(min = 0, max = 99) int percent) {
    Fees fees = fees(inclusive, plan("itm_1", "starter", MARCH, null), seats(seats));
    InvoiceDetails invoice =
        compose(
            taxes(inclusive, rounding),
            percentOff(percent),
            advance(fees),
            new Bill.Arrears(fees, march(), Map.of("calls", BigDecimal.valueOf(calls))));
    List<Integer> charges =
        invoice.lines().stream().filter(l -> l.of() == null).map(InvoiceLine::position).toList();
    List<InvoiceLine> taken = new ArrayList<>();
    for (int step : steps) {
      int line = charges.get(step % charges.size());
      BigDecimal units = BigDecimal.valueOf(1 + step / 7);
      CreditNote.Part part =
          step % 2 == 0
              ? new CreditNote.Part(line, Money.of(Gaudaan.INR, units), null)
              : new CreditNote.Part(line, null, units);
      try {
        taken.addAll(new CreditNote(invoice, taken).lines(List.of(part), "test"));
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageMatching("lines\\[0]\\.(line|amount|quantity): .*");
      }
      for (InvoiceLine of : invoice.lines()) {
        Money net = of.amount();
        Money tax = of.tax();
        for (InvoiceLine note : taken) {
          if (note.position() == of.position()) {
            net = net.plus(note.amount());
            tax = tax.plus(note.tax());
          }
        }
        // A discount's line is below zero, and goes up to nothing.
        assertThat(of.of() == null ? net.isNegative() : net.isPositive()).as("%s", taken).isFalse();
        assertThat(tax.isNegative()).as("%s", taken).isFalse();
      }
    }
    // What is left goes back with the invoice as a whole: nothing is lost, and no cent made.
    CreditNote last = new CreditNote(invoice, taken);
    if (last.left().isPositive()) {
      taken.addAll(last.lines(last.left(), "rest"));
    }
    assertThat(new CreditNote(invoice, taken).left().isZero()).isTrue();
  }

  @Test
  void creditNote_ofUnits_comesToTheLineWhenAllAreTaken() {
    Fees fees = fees(true, plan("itm_1", "starter", MARCH, null), seats(3));
    InvoiceDetails invoice = compose(true, percentOff(10), advance(fees));
    InvoiceLine line = invoice.lines().get(2);
    List<InvoiceLine> taken = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      CreditNote.Part one = new CreditNote.Part(line.position(), null, BigDecimal.ONE);
      List<InvoiceLine> note = new CreditNote(invoice, taken).lines(List.of(one), "test");
      Money gross = note.get(0).amount().plus(note.get(0).tax()).plus(note.get(1).amount());
      // 299.00 with the tax, less 10 %.
      assertThat(gross).isEqualTo(money("-269.10"));
      taken.addAll(note);
    }
    CreditNote.Part fourth = new CreditNote.Part(line.position(), null, BigDecimal.ONE);
    assertThatThrownBy(() -> new CreditNote(invoice, taken).lines(List.of(fourth), "test"))
        .hasMessage("lines[0].line: nothing is left of it");
  }

  /** Takes a percentage off every line. */
  private static Reduction.Rule percentOff(int percent) {
    return lines -> {
      List<Reduction> reductions = new ArrayList<>();
      for (int i = 0; i < lines.size(); i++) {
        Money off =
            lines
                .get(i)
                .amount()
                .multipliedBy(percent, RoundingMode.HALF_UP)
                .dividedBy(100, RoundingMode.HALF_UP);
        if (off.isPositive()) {
          reductions.add(new Reduction(i, "OFF", percent + " % off", off));
        }
      }
      return reductions;
    };
  }

  private static Bill advance(Fees fees) {
    return new Bill.Advance(fees, march(), true);
  }

  private static TaxRates taxes(boolean inclusive, TaxRates.Rounding rounding) {
    TaxRates taxes = catalog(inclusive).taxes();
    return new TaxRates(inclusive, taxes.categories(), taxes.rates(), rounding);
  }

  private InvoiceDetails compose(boolean inclusive, Reduction.Rule rule, Bill... bills) {
    return compose(taxes(inclusive, TaxRates.Rounding.LINE), rule, bills);
  }

  private InvoiceDetails compose(TaxRates taxes, Reduction.Rule rule, Bill... bills) {
    Issue issue =
        new Issue("inv_1", Gaudaan.customer(), catalog(taxes.inclusive()), bills[0].start())
            .taxedBy(taxes);
    return Objects.requireNonNull(composition.compose(issue, List.of(bills), rule));
  }
}
