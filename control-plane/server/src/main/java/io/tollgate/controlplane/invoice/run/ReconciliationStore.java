package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.RevisionKey;
import java.math.BigDecimal;
import java.util.List;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** What was billed, read back for the reconciliation. */
final class ReconciliationStore {
  private static final String LINES =
      """
      SELECT DISTINCT l.invoice, l.subscription, l.item, l.meter, l.period_start, l.period_end, l.quantity,
        l.amount, l.tax, i.currency, c.revision, l.position, l.detail,
        v.quantity AS voided, v.detail AS voided_detail,
        i.status IN ('OPEN', 'PAID') AS final,
        (SELECT coalesce(sum(d.amount), 0) FROM invoice_lines d
          WHERE d.invoice = l.invoice AND d.of_position = l.position) AS discount
      FROM invoice_lines l
      JOIN invoices i ON i.id = l.invoice AND i.status <> 'VOID'
      JOIN invoice_claims c ON c.invoice = l.invoice AND c.subscription = l.subscription
        AND (c.kind = 'ARREARS' OR starts_with(c.kind, 'CLOSING:')) AND c.period_start = l.period_start
      LEFT JOIN LATERAL (SELECT w.quantity, w.detail FROM invoice_lines w
          JOIN invoices o ON o.id = w.invoice AND o.status = 'VOID'
        WHERE c.kind <> 'ARREARS' AND w.subscription = l.subscription AND w.kind = 'USAGE'
          AND w.item = l.item AND w.period_start = l.period_start AND w.period_end = l.period_end
          AND strpos(coalesce(w.source, ''), '@') = 0 LIMIT 1) AS v ON true
      WHERE l.tenant = $1 AND l.meter IS NOT NULL
      ORDER BY l.period_start, l.invoice, l.position
      """;

  private static final String SUMS =
      """
      SELECT i.id, i.currency, i.total, coalesce(sum(l.amount + l.tax), 0) AS lines
      FROM invoices i LEFT JOIN invoice_lines l ON l.invoice = i.id
      WHERE i.tenant = $1 AND i.status <> 'VOID' GROUP BY i.id ORDER BY i.id
      """;

  private ReconciliationStore() {}

  /**
   * A usage line with the step it billed.
   *
   * @param item key of the plan's charge
   * @param net without tax and discounts
   * @param discount zero or less
   * @param detail how the amount came about
   * @param isFinal whether the invoice can be credited
   * @param voided of a closing invoice's line, what the period's own said; null where that stands
   */
  record Billed(
      String invoice,
      String subscription,
      long revision,
      String item,
      String meter,
      Period period,
      BigDecimal quantity,
      BigDecimal net,
      BigDecimal discount,
      BigDecimal tax,
      CurrencyUnit currency,
      int position,
      String detail,
      boolean isFinal,
      @Nullable Voided voided) {
    /** The step that was billed. */
    RevisionKey step() {
      return new RevisionKey(subscription, revision);
    }
  }

  /** What a line said that nobody owes any more. */
  record Voided(BigDecimal quantity, String detail) {}

  static List<Billed> lines(Transaction tx, String tenant) {
    return tx.list(LINES, ReconciliationStore::billed, tenant);
  }

  static List<Reconciliation.Sum> sums(Transaction tx, String tenant) {
    return tx.list(
        SUMS,
        row ->
            new Reconciliation.Sum(
                row.text("id"),
                row.decimal("lines"),
                row.decimal("total"),
                CurrencyUnit.of(row.text("currency"))),
        tenant);
  }

  private static Billed billed(Row row) {
    String voided = row.findText("voided_detail");
    return new Billed(
        row.text("invoice"),
        row.text("subscription"),
        row.whole("revision"),
        row.text("item"),
        row.text("meter"),
        new Period(row.instant("period_start"), row.instant("period_end")),
        row.decimal("quantity"),
        row.decimal("amount"),
        row.decimal("discount"),
        row.decimal("tax"),
        CurrencyUnit.of(row.text("currency")),
        row.integer("position"),
        row.text("detail"),
        row.bool("final"),
        voided == null ? null : new Voided(row.decimal("voided"), voided));
  }
}
