package io.tollgate.controlplane.invoice;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tollgate.contract.Period;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Invoices as the API answers them: one currency, amounts as decimal strings. */
public record InvoiceView(
    String id,
    String tenant,
    DocumentKind kind,
    InvoiceStatus status,
    @Nullable String number,
    CurrencyUnit currency,
    List<String> subscriptions,
    Period period,
    Instant issuedAt,
    LocalDate issuedOn,
    Instant dueAt,
    LocalDate dueOn,
    BigDecimal subtotal,
    BigDecimal tax,
    BigDecimal total,
    BigDecimal paid,
    BigDecimal credited,
    BigDecimal paidByWallet,
    BigDecimal amountDue,
    @Nullable String corrects) {
  /** A document without its lines. */
  public static InvoiceView of(Invoice invoice) {
    return of(invoice, invoice.amountDue());
  }

  private static InvoiceView of(Invoice invoice, Money due) {
    return new InvoiceView(
        invoice.id(),
        invoice.tenant(),
        invoice.kind(),
        invoice.status(),
        invoice.number(),
        invoice.currency(),
        invoice.subscriptions(),
        invoice.period(),
        invoice.issuedAt(),
        invoice.issuedOn(),
        invoice.dueAt(),
        invoice.dueOn(),
        invoice.totals().subtotal().getAmount(),
        invoice.totals().tax().getAmount(),
        invoice.totals().total().getAmount(),
        invoice.settled().paid().getAmount(),
        invoice.settled().credited().getAmount(),
        invoice.settled().wallet().getAmount(),
        due.getAmount(),
        invoice.corrects());
  }

  /** An invoice with its lines. */
  public record Whole(
      @JsonUnwrapped InvoiceView invoice,
      List<Line> lines,
      Party seller,
      Party billedTo,
      String serviceCode,
      List<String> notes,
      boolean pricesIncludeTax) {
    /** A document with its lines. */
    public static Whole of(InvoiceDetails details) {
      return of(details, details.invoice().amountDue());
    }

    /** One that is not made, with what would be due. */
    public static Whole ofPreview(InvoiceDetails details) {
      return of(details, details.invoice().dueWhenFinal());
    }

    private static Whole of(InvoiceDetails details, Money due) {
      return new Whole(
          InvoiceView.of(details.invoice(), due),
          details.lines().stream().map(Line::of).toList(),
          details.seller(),
          details.billedTo(),
          details.print().serviceCode(),
          details.print().notes(),
          details.print().inclusive());
    }
  }

  /** One line. */
  public record Line(
      int position,
      String kind,
      String item,
      @Nullable String meter,
      @Nullable String subscription,
      String description,
      String detail,
      @Nullable Period period,
      BigDecimal quantity,
      String unitPrice,
      BigDecimal amount,
      BigDecimal tax,
      List<Tax> taxes,
      @Nullable Integer of) {
    /** A line of a document or of none yet. */
    public static Line of(InvoiceLine line) {
      return new Line(
          line.position(),
          line.charge().kind(),
          line.charge().item(),
          line.charge().meterOrNull(),
          line.subscription(),
          line.description(),
          line.detail(),
          line.period(),
          line.quantity(),
          line.unitPrice(),
          line.amount().getAmount(),
          line.tax().getAmount(),
          line.taxes().stream()
              .map(tax -> new Tax(tax.name(), tax.percent(), tax.amount().getAmount()))
              .toList(),
          line.of());
    }
  }

  /** One tax on a line. */
  public record Tax(String name, BigDecimal percent, BigDecimal amount) {}
}
