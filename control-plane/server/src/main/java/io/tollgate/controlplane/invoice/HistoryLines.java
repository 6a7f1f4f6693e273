package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.web.JsonFields;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** The lines of a document that another system made; they come to its totals. Pure. */
final class HistoryLines {
  private static final String ITEM = "imported";

  private final Invoice invoice;

  HistoryLines(Invoice invoice) {
    this.invoice = invoice;
  }

  /** The lines given; one that says it all where there are none. */
  List<InvoiceLine> read(JsonFields fields) {
    List<JsonFields> given = fields.objects("lines");
    if (given.isEmpty()) {
      return List.of(
          line(
              1,
              "As invoiced before",
              BigDecimal.ONE,
              invoice.totals().subtotal(),
              invoice.totals().tax()));
    }
    CurrencyUnit currency = invoice.currency();
    List<InvoiceLine> lines = new ArrayList<>();
    Money subtotal = Money.zero(currency);
    Money tax = Money.zero(currency);
    for (JsonFields each : given) {
      InvoiceLine line =
          line(
              lines.size() + 1,
              each.text("description"),
              each.findDecimal("quantity").orElse(BigDecimal.ONE),
              money(each, "amount", currency),
              findMoney(each, "tax", currency).orElse(Money.zero(currency)));
      each.close();
      lines.add(line);
      subtotal = subtotal.plus(line.amount());
      tax = tax.plus(line.tax());
    }
    if (!subtotal.equals(invoice.totals().subtotal()) || !tax.equals(invoice.totals().tax())) {
      throw fields.wrong("lines", "they come to " + subtotal + " and " + tax + " of tax");
    }
    return lines;
  }

  private InvoiceLine line(
      int position, String description, BigDecimal quantity, Money amount, Money tax) {
    List<InvoiceLine.TaxAmount> taxes =
        tax.isZero() ? List.of() : List.of(new InvoiceLine.TaxAmount("Tax", BigDecimal.ZERO, tax));
    return new InvoiceLine(
        position,
        new Charge.OneOff(ITEM),
        null,
        null,
        description,
        "",
        invoice.period(),
        quantity,
        "",
        amount,
        taxes,
        null,
        null,
        null);
  }

  static CurrencyUnit currency(JsonFields fields, CurrencyUnit otherwise) {
    try {
      return fields.findText("currency").map(Amounts::currency).orElse(otherwise);
    } catch (IllegalArgumentException e) {
      throw fields.wrong("currency", String.valueOf(e.getMessage()));
    }
  }

  static Money money(JsonFields fields, String field, CurrencyUnit currency) {
    return findMoney(fields, field, currency)
        .orElseThrow(() -> fields.wrong(field, "this field is missing"));
  }

  static Optional<Money> findMoney(JsonFields fields, String field, CurrencyUnit currency) {
    try {
      return fields.findDecimal(field).map(amount -> Money.of(currency, amount));
    } catch (ArithmeticException e) {
      throw fields.wrong(field, "has more decimal places than " + currency);
    }
  }
}
