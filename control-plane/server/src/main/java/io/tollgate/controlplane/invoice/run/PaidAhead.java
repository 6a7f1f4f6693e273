package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What invoices say was paid ahead of the usage they bill, as composition wrote it. */
final class PaidAhead {
  private static final Pattern STEP = Pattern.compile("(?:^|; )prepaid: ([0-9.]+) × 0 = 0");

  private PaidAhead() {}

  /** By subscription and meter, units; with one query. */
  static Map<String, Map<String, BigDecimal>> of(Transaction tx, Collection<String> invoices) {
    Map<String, Map<String, BigDecimal>> units = new HashMap<>();
    tx.list(
        "SELECT subscription, meter, quantity, detail FROM invoice_lines"
            + " WHERE invoice = ANY ($1::text[]) AND meter IS NOT NULL"
            + " AND detail LIKE '%prepaid%'",
        row ->
            units
                .computeIfAbsent(row.text("subscription"), subscription -> new HashMap<>())
                .merge(
                    row.text("meter"),
                    units(row.text("detail"), row.decimal("quantity")),
                    BigDecimal::add),
        (Object) invoices.stream().distinct().toArray(String[]::new));
    return units;
  }

  /**
   * By meter, units of a period that its invoices say were paid ahead; with one query. A voided
   * closing invoice gave them back, but what usage drew for the period's own stays drawn.
   */
  static Map<String, BigDecimal> before(Transaction tx, String subscription, Period period) {
    Map<String, Map<String, BigDecimal>> byInvoice = new HashMap<>();
    tx.list(
        "SELECT l.invoice, l.meter, l.quantity, l.detail FROM invoice_lines l"
            + " JOIN invoices i ON i.id = l.invoice WHERE l.subscription = $1"
            + " AND l.period_start = $2 AND l.period_end = $3 AND l.kind = 'USAGE'"
            + " AND (i.status <> 'VOID' OR strpos(coalesce(l.source, ''), '@') = 0)",
        row ->
            byInvoice
                .computeIfAbsent(row.text("invoice"), invoice -> new HashMap<>())
                .merge(
                    row.text("meter"),
                    units(row.text("detail"), row.decimal("quantity")),
                    BigDecimal::max),
        subscription,
        period.start(),
        period.end());
    Map<String, BigDecimal> sum = new HashMap<>();
    byInvoice
        .values()
        .forEach(units -> units.forEach((meter, paid) -> sum.merge(meter, paid, BigDecimal::add)));
    return sum;
  }

  static BigDecimal units(String detail, BigDecimal quantity) {
    if (detail.equals("prepaid")) {
      return quantity;
    }
    Matcher step = STEP.matcher(detail);
    return step.find() ? new BigDecimal(step.group(1)) : BigDecimal.ZERO;
  }
}
