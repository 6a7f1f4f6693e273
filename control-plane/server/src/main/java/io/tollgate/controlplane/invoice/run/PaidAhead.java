package io.tollgate.controlplane.invoice.run;

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

  static BigDecimal units(String detail, BigDecimal quantity) {
    if (detail.equals("prepaid")) {
      return quantity;
    }
    Matcher step = STEP.matcher(detail);
    return step.find() ? new BigDecimal(step.group(1)) : BigDecimal.ZERO;
  }
}
