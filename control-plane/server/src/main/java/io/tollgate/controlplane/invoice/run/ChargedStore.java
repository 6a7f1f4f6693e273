package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.invoice.InvoiceJson;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.rating.Share;
import io.tollgate.controlplane.rating.Split;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** What was charged for a period that has begun: the base of credits, never today's price. */
final class ChargedStore {
  /**
   * The lines of the period the subscription is in are those that begin in it, wherever a pause has
   * moved its end meanwhile; of an earlier period, those that reach beyond the change. A discount
   * counts with the line it lowers. What notes by hand took back is found by the position of the
   * line they took it from: a note on an invoice as a whole says of each line how much.
   */
  private static final String QUERY =
      """
      SELECT q.subscription, q.at, q.since, q.but, l.source, i.currency,
        sum(l.amount + back.net) AS net, sum(l.tax + back.tax) AS tax,
        sum(back.net) AS back_net, sum(back.tax) AS back_tax,
        sum(l.netted) AS netted, coalesce(sum(l.netted_net), 0) AS netted_net,
        coalesce(sum(l.netted_tax), 0) AS netted_tax,
        bool_and(l.netted = 0 OR l.netted_net IS NOT NULL) AS known,
        json_agg(l.netted_taxes)::text AS netted_taxes,
        json_agg(l.taxes)::text AS taxes, json_agg(back.taxes)::text AS back_taxes,
        min(l.period_start) FILTER (WHERE l.netted > 0
          OR l.kind IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE')) AS period_start,
        coalesce(max(l.period_end) FILTER (WHERE l.netted > 0
          OR l.kind IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE')), max(l.period_end))
          AS period_end
      FROM %s AS q (subscription, at, since, but)
      JOIN invoice_lines l ON l.subscription = q.subscription
        AND (l.period_end > q.at OR l.period_start >= q.since) AND l.period_start <= q.at
      LEFT JOIN invoice_lines lowered ON l.kind = 'DISCOUNT' AND lowered.invoice = l.invoice
        AND lowered.position = l.of_position
      JOIN invoices i ON i.id = l.invoice AND i.status <> 'VOID'
        AND (q.but IS NULL OR (i.id <> q.but AND i.issued_at <= q.at))
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(taken.amount), 0) AS net, coalesce(sum(taken.tax), 0) AS tax,
          json_agg(taken.taxes) AS taxes
        FROM invoices note
        JOIN invoice_lines taken ON taken.invoice = note.id AND taken.position = l.position
        WHERE note.corrects = l.invoice AND (q.but IS NULL OR note.issued_at <= q.at)) AS back
      WHERE l.source IS NOT NULL AND coalesce(lowered.kind, l.kind)
        IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE', 'PRORATION_CREDIT')
      GROUP BY q.subscription, q.at, q.since, q.but, l.source, i.currency
      """;

  private static final String MANY =
      QUERY.formatted("unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])");

  /** For one question the plan is the same for all, and need not be made anew each time. */
  private static final String ONE =
      QUERY.formatted("(SELECT $1::text, $2::timestamptz, $3::timestamptz, $4::text)");

  private ChargedStore() {}

  /**
   * A subscription at the instant of its change.
   *
   * @param since when the period began that it was in before the change
   * @param but the invoice that billed the change, to see things as they were before it; null for a
   *     change that is yet to be billed
   */
  record Asked(String subscription, Instant at, Instant since, @Nullable String but) {}

  /**
   * What was charged for one source, with the credits that a charge on the same line took up: they
   * paid for the source as money would have.
   *
   * @param exclusive where the catalog's prices are without tax
   * @param inclusive where they are with it
   * @param split what it is made of; null where nobody can say
   * @param taken what credit notes by hand took back of it
   */
  record Sum(Money exclusive, Money inclusive, @Nullable Split split, Period period, Taken taken) {
    /**
     * As the rating room wants it: in the same terms of tax as the catalog's prices.
     *
     * @param unused how much of the units it paid ahead nobody has used
     */
    Charged charged(boolean pricesIncludeTax, Share unused) {
      Money amount = pricesIncludeTax ? inclusive : exclusive;
      if (amount.isNegative()) {
        return new Charged(Money.zero(amount.getCurrencyUnit()), period);
      }
      boolean known =
          split != null && (pricesIncludeTax ? split.gross() : split.net()).isEqual(amount);
      Money whole = amount.plus(pricesIncludeTax ? taken.inclusive() : taken.exclusive());
      return new Charged(amount, period, known ? split : null, unused, whole);
    }
  }

  /** What notes took back, without tax and with it; at least 0. */
  record Taken(Money exclusive, Money inclusive) {}

  /** Asks ahead what {@link #load} does for one question. */
  static void foresee(Transaction tx, Asked one) {
    tx.foresee(ONE, one.subscription(), one.at(), one.since(), one.but());
  }

  /** By question and source, what is charged and not yet credited; with one query, sent now. */
  static Supplier<Map<Asked, Map<String, Sum>>> load(Transaction tx, List<Asked> questions) {
    if (questions.isEmpty()) {
      return Map::of;
    }
    Supplier<List<Found>> all = asked(tx, questions);
    return () -> {
      Map<Asked, Map<String, Sum>> answers = new HashMap<>();
      for (Found found : all.get()) {
        answers
            .computeIfAbsent(found.asked(), asked -> new HashMap<>())
            .put(found.source(), found.sum());
      }
      return answers;
    };
  }

  private static Supplier<List<Found>> asked(Transaction tx, List<Asked> questions) {
    if (questions.size() == 1) {
      Asked one = questions.getFirst();
      return tx.listLater(
          ONE, ChargedStore::found, one.subscription(), one.at(), one.since(), one.but());
    }
    return tx.listLater(
        MANY,
        ChargedStore::found,
        Unnest.texts(questions, Asked::subscription),
        Unnest.instants(questions, Asked::at),
        Unnest.instants(questions, Asked::since),
        Unnest.texts(questions, Asked::but));
  }

  private record Found(Asked asked, String source, Sum sum) {}

  /** By name and rate, in the order of the lines. */
  private static List<Split.Tax> taxes(Row row, CurrencyUnit currency) {
    Map<List<Object>, Split.Tax> sums = new LinkedHashMap<>();
    for (String column : List.of("taxes", "back_taxes", "netted_taxes")) {
      for (InvoiceLine.TaxAmount tax : InvoiceJson.allTaxes(row.findText(column), currency)) {
        sums.merge(
            List.of(tax.name(), tax.percent().stripTrailingZeros()),
            new Split.Tax(tax.name(), tax.percent(), tax.amount()),
            (one, other) ->
                new Split.Tax(one.name(), one.percent(), one.amount().plus(other.amount())));
      }
    }
    return List.copyOf(sums.values());
  }

  private static Found found(Row row) {
    CurrencyUnit currency = CurrencyUnit.of(row.text("currency"));
    Instant start = row.findInstant("period_start");
    Instant end = row.instant("period_end");
    return new Found(
        new Asked(
            row.text("subscription"), row.instant("at"), row.instant("since"), row.findText("but")),
        row.text("source"),
        sum(row, currency, new Period(start == null ? end.minusNanos(1000) : start, end)));
  }

  private static Sum sum(Row row, CurrencyUnit currency, Period period) {
    Money net = Money.of(currency, row.decimal("net"));
    Money tax = Money.of(currency, row.decimal("tax"));
    Money netted = Money.of(currency, row.decimal("netted"));
    Split split =
        new Split(net.plus(Money.of(currency, row.decimal("netted_net"))), taxes(row, currency));
    // History was brought without its taxes, and an older version netted without them.
    boolean known =
        row.bool("known")
            && split.tax().isEqual(tax.plus(Money.of(currency, row.decimal("netted_tax"))));
    Money back = Money.of(currency, row.decimal("back_net")).negated();
    Money backTax = Money.of(currency, row.decimal("back_tax")).negated();
    return new Sum(
        net.plus(netted),
        net.plus(tax).plus(netted),
        known ? split : null,
        period,
        new Taken(back, back.plus(backTax)));
  }
}
