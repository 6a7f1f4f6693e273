package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.composition.Bill;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What invoices say was paid ahead of the usage they bill, as composition wrote it. */
final class PaidAhead {
  private static final Pattern STEP = Pattern.compile("(?:^|; )prepaid: ([0-9.]+) × 0 = 0");

  /** A voided closing invoice gave back what it drew; what the period's own drew stays drawn. */
  private static final String LINES =
      """
      SELECT q.subscription, q.first, q.past, l.invoice, l.period_start, l.meter, l.quantity, l.detail,
        l.source
      FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS q (subscription, first, past)
      JOIN invoice_lines l ON l.subscription = q.subscription AND l.kind = 'USAGE'
        AND l.period_start >= q.first AND l.period_end <= q.past AND l.period_end > q.first
        AND l.detail LIKE '%prepaid%'
      JOIN invoices i ON i.id = l.invoice
        AND (i.status <> 'VOID' OR strpos(coalesce(l.source, ''), '@') = 0)
      """;

  private PaidAhead() {}

  /** A period of a subscription, or the part of one that one plan rates. */
  record Of(String subscription, Period period) {}

  private record Line(
      Of of,
      String invoice,
      Instant start,
      String meter,
      BigDecimal units,
      @Nullable Instant closing) {
    /** Charges of one meter say on each of their lines what was paid of that. */
    List<Object> once() {
      return List.of(of, invoice, start, meter);
    }
  }

  /**
   * By part and meter, units; with one query. Parts of which nothing was paid are missing.
   *
   * @param which of the invoices: those that closings made, by their instant, and with null the
   *     period's own
   */
  static Map<Of, Map<String, BigDecimal>> of(
      Transaction tx, List<Of> parts, Predicate<@Nullable Instant> which) {
    Map<List<Object>, Line> lines = new HashMap<>();
    tx.list(
            LINES,
            PaidAhead::line,
            Unnest.texts(parts, Of::subscription),
            Unnest.instants(parts, part -> part.period().start()),
            Unnest.instants(parts, part -> part.period().end()))
        .forEach(
            line -> {
              if (which.test(line.closing())) {
                lines.merge(
                    line.once(), line, BinaryOperator.maxBy(Comparator.comparing(Line::units)));
              }
            });
    Map<Of, Map<String, BigDecimal>> units = new HashMap<>();
    for (Line line : lines.values()) {
      units
          .computeIfAbsent(line.of(), of -> new HashMap<>())
          .merge(line.meter(), line.units(), BigDecimal::add);
    }
    return units;
  }

  /** By meter, units of one part. */
  static Map<String, BigDecimal> of(Transaction tx, String subscription, Period period) {
    return of(tx, subscription, period, closing -> true);
  }

  /** By meter, units of one part on some of the invoices. */
  static Map<String, BigDecimal> of(
      Transaction tx, String subscription, Period period, Predicate<@Nullable Instant> which) {
    Of one = new Of(subscription, period);
    return of(tx, List.of(one), which).getOrDefault(one, Map.of());
  }

  /** What periods that were billed before are to be priced with again. */
  static Map<Of, Map<String, BigDecimal>> again(Transaction tx, List<Prepaid.Ended> ended) {
    return of(
        tx,
        ended.stream()
            .flatMap(
                one ->
                    one.parts().stream()
                        .map(part -> new Of(one.subscription().id(), part.period())))
            .distinct()
            .toList(),
        closing -> closing == null);
  }

  private static Line line(Row row) {
    return new Line(
        new Of(row.text("subscription"), new Period(row.instant("first"), row.instant("past"))),
        row.text("invoice"),
        row.instant("period_start"),
        row.text("meter"),
        units(row.text("detail"), row.decimal("quantity")),
        Bill.Closing.at(row.findText("source")));
  }

  static BigDecimal units(String detail, BigDecimal quantity) {
    if (detail.equals("prepaid")) {
      return quantity;
    }
    Matcher step = STEP.matcher(detail);
    return step.find() ? new BigDecimal(step.group(1)) : BigDecimal.ZERO;
  }
}
