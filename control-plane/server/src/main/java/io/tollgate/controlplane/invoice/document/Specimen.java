package io.tollgate.controlplane.invoice.document;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Party;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** An invoice of nobody to anybody, on which templates are tried before they are needed. */
final class Specimen {
  private static final CurrencyUnit INR = CurrencyUnit.of("INR");

  private Specimen() {}

  /** Document 002's invoice in a language; with everything a template may ask for. */
  static InvoiceDetails in(Locale locale) {
    Period period =
        new Period(Instant.parse("2025-03-01T00:00:00Z"), Instant.parse("2025-04-01T00:00:00Z"));
    LocalDate issued = LocalDate.of(2025, 3, 1);
    Money tax = money("1525.27");
    Invoice invoice =
        new Invoice(
            "inv_specimen",
            "specimen",
            DocumentKind.INVOICE,
            InvoiceStatus.PAID,
            "INV-2025-0248",
            List.of("sub_specimen"),
            period,
            period.start(),
            issued,
            period.start().plusSeconds(6 * 86_400L),
            issued.plusDays(6),
            new Invoice.Totals(money("8473.73"), tax, money("9999.00")),
            new Invoice.Settled(money("9000.00"), money("900.00"), money("99.00")),
            null);
    InvoiceLine line =
        new InvoiceLine(
            1,
            new Charge.BaseFee("enterprise"),
            "sub_specimen",
            "itm_specimen",
            "Enterprise Plan – Monthly <all & more>",
            "Unlimited donors, all modules, SLA support",
            period,
            BigDecimal.ONE,
            "9999",
            money("8473.73"),
            List.of(new InvoiceLine.TaxAmount("GST", BigDecimal.valueOf(18), tax)),
            null,
            null,
            null);
    Party party =
        new Party("Name", List.of("Street", "City"), List.of(new Party.Identifier("PAN", "XXXXX")));
    return new InvoiceDetails(
        invoice,
        List.of(line),
        party,
        party,
        new InvoiceDetails.Print(locale, ZoneOffset.UTC, "998314", List.of("A note"), true));
  }

  private static Money money(String amount) {
    return Money.of(INR, new BigDecimal(amount));
  }
}
