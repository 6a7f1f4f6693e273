package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Transaction;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Contiguous document numbers, one series per seller, its prefix, kind and year: {@code
 * INV-2025-0248} and {@code CN-2025-0003}, or {@code AC-INV-2025-0248} where the seller has a
 * prefix. A document asks for a number of its catalog's series and gets one of the series of the
 * book that catalogs of its seller keep together (see {@code catalog_books}). Where they had series
 * of their own before, the common one goes on after the greatest of them; a catalog joins a book
 * only when nobody is in the middle of taking a number.
 *
 * <p>Nothing is reserved ahead, and a crash leaves no gap. Who takes a number holds its series to
 * the transaction's end: a chunk of a run takes as many as it has documents, in one statement, and
 * goes on to its end, which is near; a document made alone takes its number together with the
 * commit. A series is never held through a run.
 */
final class Numbers {
  /** The series of the books of those that are asked for, each with its next ordinals taken. */
  private static final String TAKEN =
      """
      WITH asked AS (
        SELECT a.series AS asked, a.count, coalesce(b.book, split_part(a.series, '/', 1)) AS book,
          substr(a.series, strpos(a.series, '/')) AS suffix
        FROM unnest($1::text[], $2::bigint[]) AS a (series, count)
        LEFT JOIN catalog_books b ON b.catalog = split_part(a.series, '/', 1)),
      wanted AS (
        SELECT book || suffix AS series, sum(count)::bigint AS count,
          (SELECT max(s.next) FROM catalog_books m
            JOIN invoice_series s ON s.series = m.catalog || suffix WHERE m.book = asked.book) AS next
        FROM asked GROUP BY book, suffix),
      taken AS (
        INSERT INTO invoice_series (series, next)
        SELECT series, coalesce(next, 1) + count FROM wanted ORDER BY series
        ON CONFLICT (series) DO UPDATE SET next = greatest(excluded.next,
          invoice_series.next
            + (SELECT w.count FROM wanted w WHERE w.series = invoice_series.series))
        RETURNING series, next)
      """;

  private static final String TAKE =
      TAKEN
          + """
          SELECT a.asked, t.series, t.next - w.count AS first FROM asked a
            JOIN wanted w ON w.series = a.book || a.suffix JOIN taken t ON t.series = w.series
          """;

  private static final String GIVE =
      TAKEN
          + """
          UPDATE invoices SET series = t.series, ordinal = t.ordinal, number = t.prefix || '-'
            || lpad(t.ordinal::text, greatest(4, length(t.ordinal::text)), '0')
          FROM (SELECT series, next - 1 AS ordinal,
            substr(series, strpos(series, '/') + 1) AS prefix FROM taken) AS t WHERE id = $3
          """;

  private Numbers() {}

  /** The series of a document issued on a day, as its catalog asks for it. */
  static String series(Catalog catalog, DocumentKind kind, LocalDate issuedOn) {
    String seller = catalog.seller().numberPrefix();
    return catalog.name()
        + (seller.isEmpty() ? "/" : "/" + seller + "-")
        + prefix(kind)
        + "-"
        + issuedOn.getYear();
  }

  /** The series of a credit note for an invoice of such a series. */
  static String ofCreditNote(String series, LocalDate issuedOn) {
    String seller = series.substring(0, series.lastIndexOf(prefix(DocumentKind.INVOICE)));
    return seller + prefix(DocumentKind.CREDIT_NOTE) + "-" + issuedOn.getYear();
  }

  /** The number as printed. */
  static String number(String series, long ordinal) {
    String prefix = series.substring(series.lastIndexOf('/') + 1);
    return String.format(Locale.ROOT, "%s-%04d", prefix, ordinal);
  }

  /**
   * Numbers that were taken.
   *
   * @param series whose they are
   * @param first the first one's ordinal, for all who asked for numbers of this series
   */
  record Taken(String series, long first) {}

  /**
   * Takes the next ordinals of sellers' series, in the order of their names, with one statement.
   *
   * @param counts by the series that is asked for, how many
   * @return by the series that was asked for
   */
  static Map<String, Taken> take(Transaction tx, Map<String, Long> counts) {
    Map<String, Taken> taken = new HashMap<>();
    tx.list(
        TAKE,
        row -> taken.put(row.text("asked"), new Taken(row.text("series"), row.whole("first"))),
        counts.keySet().toArray(String[]::new),
        counts.values().toArray(Long[]::new));
    return taken;
  }

  /** Takes the next {@code count} ordinals of the series itself and returns the first. */
  static long take(Transaction tx, String series, int count) {
    long next =
        tx.one(
            "INSERT INTO invoice_series (series, next) VALUES ($1, $2 + 1) ON CONFLICT (series)"
                + " DO UPDATE SET next = invoice_series.next + $2 RETURNING next",
            row -> row.whole("next"),
            series,
            (long) count);
    return next - count;
  }

  /**
   * Gives a final document that has no number yet the next of its seller's series, as the last
   * thing.
   */
  static void giveLast(Transaction tx, String series, String invoice) {
    tx.last(() -> tx.send(GIVE, new String[] {series}, new Long[] {1L}, invoice));
  }

  private static String prefix(DocumentKind kind) {
    return switch (kind) {
      case INVOICE -> "INV";
      case CREDIT_NOTE -> "CN";
    };
  }
}
