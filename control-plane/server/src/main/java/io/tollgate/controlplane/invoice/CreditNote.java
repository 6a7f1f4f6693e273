package io.tollgate.controlplane.invoice;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;

/**
 * Takes back a part of a final invoice, line by line and tax by tax. Pure.
 *
 * <p>Every line's net and every tax is a cell; the cells' running totals are scaled by what has
 * been taken back in all, rounded, and their differences are the note's cells. So each note's lines
 * come to its amount exactly, and when the whole invoice has been taken back, in however many
 * notes, each line and tax has been taken back to the cent (lago-api#2643: 334.99 against 335.00).
 */
public final class CreditNote {
  private final InvoiceDetails invoice;
  private final Money total;

  /** Notes on a final invoice, as it was issued. */
  public CreditNote(InvoiceDetails invoice) {
    this.invoice = invoice;
    this.total = invoice.invoice().totals().total();
  }

  /**
   * The note's lines, negative.
   *
   * @param before taken back by earlier notes
   * @param amount over zero; with {@code before} at most the invoice's total
   * @param reason printed on each line
   */
  public List<InvoiceLine> lines(Money before, Money amount, String reason) {
    Money after = before.plus(amount);
    if (!amount.isPositive() || after.isGreaterThan(total)) {
      throw new IllegalArgumentException(
          "amount: over zero and at most " + total.minus(before) + ", not " + amount);
    }
    Cells was = new Cells(before);
    Cells is = new Cells(after);
    List<InvoiceLine> lines = new ArrayList<>();
    for (InvoiceLine line : invoice.lines()) {
      Money net = was.next(line.amount()).minus(is.next(line.amount()));
      List<InvoiceLine.TaxAmount> taxes = new ArrayList<>();
      for (InvoiceLine.TaxAmount tax : line.taxes()) {
        Money share = was.next(tax.amount()).minus(is.next(tax.amount()));
        taxes.add(new InvoiceLine.TaxAmount(tax.name(), tax.percent(), share));
      }
      lines.add(
          new InvoiceLine(
              line.position(),
              new Charge.Credit(line.charge().item()),
              line.subscription(),
              null,
              line.description(),
              reason,
              line.period(),
              BigDecimal.ONE,
              "",
              net,
              taxes,
              null));
    }
    return lines;
  }

  /** The note's head, a draft. */
  static Invoice head(Invoice of, String id, List<InvoiceLine> lines, Instant at, LocalDate day) {
    Money subtotal = Money.zero(of.currency());
    Money tax = subtotal;
    for (InvoiceLine line : lines) {
      subtotal = subtotal.plus(line.amount());
      tax = tax.plus(line.tax());
    }
    Money nothing = Money.zero(of.currency());
    return new Invoice(
        id,
        of.tenant(),
        DocumentKind.CREDIT_NOTE,
        InvoiceStatus.DRAFT,
        null,
        of.subscriptions(),
        of.period(),
        at,
        day,
        at,
        day,
        new Invoice.Totals(subtotal, tax, subtotal.plus(tax)),
        Invoice.Settled.nothing(nothing.getCurrencyUnit()),
        of.id());
  }

  /** The cells of the invoice, one after the other, scaled to a part of its total. */
  private final class Cells {
    private final Money part;
    private Money running;
    private Money scaled;

    Cells(Money part) {
      this.part = part;
      this.running = Money.zero(total.getCurrencyUnit());
      this.scaled = running;
    }

    Money next(Money cell) {
      running = running.plus(cell);
      Money upTo =
          Money.of(
              total.getCurrencyUnit(),
              running
                  .getAmount()
                  .multiply(part.getAmount())
                  .divide(
                      total.getAmount(),
                      total.getCurrencyUnit().getDecimalPlaces(),
                      RoundingMode.HALF_UP));
      Money share = upTo.minus(scaled);
      scaled = upTo;
      return share;
    }
  }
}
