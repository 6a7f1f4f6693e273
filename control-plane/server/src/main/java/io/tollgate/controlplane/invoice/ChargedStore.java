package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** What was charged for a period that has begun: the base of credits, never today's price. */
final class ChargedStore {
  private static final String QUERY =
      """
      SELECT q.subscription, q.at, q.but, l.source, i.currency,
        sum(l.amount) AS net, sum(l.tax) AS tax,
        min(l.period_start) FILTER (WHERE l.kind IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE'))
          AS period_start,
        max(l.period_end) AS period_end
      FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS q (subscription, at, but)
      JOIN invoice_lines l ON l.subscription = q.subscription AND l.period_end > q.at
        AND l.period_start <= q.at
        AND l.kind IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE', 'PRORATION_CREDIT', 'DISCOUNT')
      JOIN invoices i ON i.id = l.invoice AND i.status <> 'VOID'
        AND (q.but IS NULL OR (i.id <> q.but AND i.issued_at <= q.at))
      WHERE l.source IS NOT NULL
      GROUP BY q.subscription, q.at, q.but, l.source, i.currency
      """;

  private ChargedStore() {}

  /**
   * A subscription at the instant of its change.
   *
   * @param but the invoice that billed the change, to see things as they were before it; null for a
   *     change that is yet to be billed
   */
  record Asked(String subscription, Instant at, @Nullable String but) {}

  /** What was charged for one source, net and tax apart. */
  record Sum(Money net, Money tax, Period period) {
    /** As the rating room wants it: in the same terms of tax as the catalog's prices. */
    Charged charged(boolean inclusive) {
      Money amount = inclusive ? net.plus(tax) : net;
      return new Charged(amount.isNegative() ? Money.zero(net.getCurrencyUnit()) : amount, period);
    }
  }

  /** By question and source, what is charged and not yet credited; with one query. */
  static Map<Asked, Map<String, Sum>> load(Transaction tx, List<Asked> questions) {
    Map<Asked, Map<String, Sum>> answers = new HashMap<>();
    if (questions.isEmpty()) {
      return answers;
    }
    tx.list(
            QUERY,
            ChargedStore::found,
            InvoiceStore.texts(questions, Asked::subscription),
            InvoiceStore.instants(questions, Asked::at),
            InvoiceStore.texts(questions, Asked::but))
        .forEach(
            found ->
                answers
                    .computeIfAbsent(found.asked(), asked -> new HashMap<>())
                    .put(found.source(), found.sum()));
    return answers;
  }

  private record Found(Asked asked, String source, Sum sum) {}

  private static Found found(Row row) {
    CurrencyUnit currency = CurrencyUnit.of(row.text("currency"));
    Instant start = row.findInstant("period_start");
    Instant end = row.instant("period_end");
    return new Found(
        new Asked(row.text("subscription"), row.instant("at"), row.findText("but")),
        row.text("source"),
        new Sum(
            Money.of(currency, row.decimal("net")),
            Money.of(currency, row.decimal("tax")),
            new Period(start == null ? end.minusNanos(1000) : start, end)));
  }
}
