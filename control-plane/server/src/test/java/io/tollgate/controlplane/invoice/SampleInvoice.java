package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** Document 002's sample invoice, with the tax it should have had. */
public final class SampleInvoice {
  private static final CurrencyUnit INR = CurrencyUnit.of("INR");
  private static final ZoneId ZONE = ZoneId.of("Asia/Kolkata");

  private SampleInvoice() {}

  public static InvoiceDetails of(InvoiceStatus status, Locale locale) {
    return of("inv_1", "dharma", status, locale);
  }

  public static InvoiceDetails of(String id, String tenant, InvoiceStatus status, Locale locale) {
    Instant start = LocalDate.of(2025, 3, 1).atStartOfDay(ZONE).toInstant();
    Instant end = LocalDate.of(2025, 4, 1).atStartOfDay(ZONE).toInstant();
    Money total = money("9999.00");
    Invoice invoice =
        new Invoice(
            id,
            tenant,
            DocumentKind.INVOICE,
            status,
            status == InvoiceStatus.DRAFT ? null : "INV-2025-0248",
            List.of("sub_1"),
            new Period(start, end),
            start,
            LocalDate.of(2025, 3, 1),
            LocalDate.of(2025, 3, 7).atStartOfDay(ZONE).toInstant(),
            LocalDate.of(2025, 3, 7),
            new Invoice.Totals(money("8473.73"), money("1525.27"), total),
            new Invoice.Settled(
                status == InvoiceStatus.PAID ? total : Money.zero(INR),
                Money.zero(INR),
                Money.zero(INR)),
            null);
    InvoiceLine line =
        new InvoiceLine(
            1,
            new Charge.BaseFee("enterprise"),
            "sub_1",
            "itm_1",
            "Enterprise Plan – Monthly <unlimited & more>",
            "Unlimited donors, all modules, SLA support",
            invoice.period(),
            BigDecimal.ONE,
            "9999",
            money("8473.73"),
            List.of(
                new InvoiceLine.TaxAmount("CGST", new BigDecimal("9"), money("762.64")),
                new InvoiceLine.TaxAmount("SGST", new BigDecimal("9.0"), money("762.63"))),
            null,
            null,
            null);
    return new InvoiceDetails(
        invoice,
        List.of(line),
        new Party(
            "Gaudaan Technologies Pvt Ltd",
            List.of("Pune"),
            List.of(
                new Party.Identifier("PAN", "AAACG1234X"),
                new Party.Identifier("GSTIN", "27AAACG1234X1Z5"))),
        new Party(
            "Dharma Gau Raksha",
            List.of("Mumbai, Maharashtra"),
            List.of(new Party.Identifier("GSTIN", "27ABCDE1234F1Z5"))),
        new InvoiceDetails.Print(locale, ZONE, "998314", List.of(), true));
  }

  public static Money money(String amount) {
    return Money.of(INR, new BigDecimal(amount));
  }
}
