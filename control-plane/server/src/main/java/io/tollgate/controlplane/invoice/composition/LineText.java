package io.tollgate.controlplane.invoice.composition;

import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.rating.Split;
import io.tollgate.controlplane.tax.TaxedLine;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Priced lines as lines of an invoice, in words. */
final class LineText {
  private LineText() {}

  static InvoiceLine charge(int position, Composition.Priced priced, Money net, TaxedLine taxed) {
    PricedLine line = priced.line();
    return new InvoiceLine(
        position,
        charge(line, priced.meter()),
        line.subscription().isEmpty() ? null : line.subscription(),
        line.item(),
        priced.text().title(),
        detail(priced.text().below(), detail(line)),
        line.period(),
        line.quantity(),
        unitPrice(line),
        net,
        taxed.taxes().stream()
            .map(tax -> new InvoiceLine.TaxAmount(tax.name(), tax.percent(), tax.amount()))
            .toList(),
        null,
        netted(line),
        null);
  }

  private static InvoiceLine.@Nullable Netted netted(PricedLine line) {
    if (line.difference() == null) {
      return null;
    }
    PricedLine credit = line.difference().credit();
    Split split = credit.split();
    return new InvoiceLine.Netted(
        credit.item(),
        line.netted(),
        split == null ? null : split.net().negated(),
        split == null
            ? List.of()
            : split.taxes().stream()
                .map(
                    tax ->
                        new InvoiceLine.TaxAmount(
                            tax.name(), tax.percent(), tax.amount().negated()))
                .toList());
  }

  static InvoiceLine discount(
      int position, int of, Reduction reduction, PricedLine line, Money amount) {
    return new InvoiceLine(
        position,
        new Charge.Discount(reduction.coupon()),
        line.subscription(),
        line.item(),
        reduction.title(),
        line.title(),
        line.period(),
        BigDecimal.ONE,
        "",
        amount,
        List.of(),
        of,
        null,
        reduction.amount());
  }

  private static Charge charge(PricedLine line, @Nullable String meter) {
    return switch (line.kind()) {
      case BASE_FEE -> new Charge.BaseFee(line.key());
      case ADD_ON -> new Charge.AddOn(line.key());
      case ONE_OFF -> new Charge.OneOff(line.key());
      case SETUP_FEE -> new Charge.SetupFee(line.key());
      case USAGE -> new Charge.Usage(line.key(), Objects.requireNonNull(meter, "meter"));
      case PRORATION_CREDIT -> new Charge.ProrationCredit(line.key());
      case PRORATION_CHARGE -> new Charge.ProrationCharge(line.key());
    };
  }

  /** The price of one where the line has a single one. */
  private static String unitPrice(PricedLine line) {
    List<PricedLine.Part> parts = line.parts();
    return parts.size() == 1 && parts.get(0).quantity().compareTo(line.quantity()) == 0
        ? plain(parts.get(0).unitPrice())
        : "";
  }

  /** What is said of the plan, and how the amount came about, each on a line of its own. */
  private static String detail(String below, String steps) {
    return below + (below.isEmpty() || steps.isEmpty() ? "" : "\n") + steps;
  }

  /** The steps of the calculation, where there are several or one needs saying. */
  private static String detail(PricedLine line) {
    if (!unitPrice(line).isEmpty()) {
      return line.parts().get(0).text();
    }
    return line.parts().stream()
        .map(
            part ->
                part.text()
                    + ": "
                    + plain(part.quantity())
                    + " × "
                    + plain(part.unitPrice())
                    + " = "
                    + plain(part.amount()))
        .collect(Collectors.joining("; "));
  }

  private static String plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }
}
