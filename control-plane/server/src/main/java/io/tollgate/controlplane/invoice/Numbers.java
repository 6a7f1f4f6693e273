package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Transaction;
import java.time.LocalDate;
import java.util.Locale;

/**
 * Contiguous document numbers, one series per catalog (and so per seller), kind and year: {@code
 * INV-2025-0248} and {@code CN-2025-0003}, or {@code AC-INV-2025-0248} where the seller has a
 * prefix.
 *
 * <p>Nothing is reserved ahead, and a crash leaves no gap. Who takes a number holds its series to
 * the transaction's end: a chunk of a run takes as many as it has documents, in one statement, and
 * goes on to its end, which is near; a document made alone takes its number together with the
 * commit. A series is never held through a run.
 */
final class Numbers {
  private static final String GIVE =
      """
      WITH taken AS (INSERT INTO invoice_series (series, next) VALUES ($1, 2)
        ON CONFLICT (series) DO UPDATE SET next = invoice_series.next + 1
        RETURNING next - 1 AS ordinal, (next - 1)::text AS digits)
      UPDATE invoices SET ordinal = taken.ordinal,
        number = $2::text || '-' || lpad(digits, greatest(4, length(digits)), '0')
      FROM taken WHERE id = $3
      """;

  private Numbers() {}

  /** The series of a document issued on a day. */
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

  /** Takes the next {@code count} ordinals and returns the first. */
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

  /** Gives a final document that has no number yet the next of its series, as the last thing. */
  static void giveLast(Transaction tx, String series, String invoice) {
    tx.last(() -> tx.send(GIVE, series, series.substring(series.lastIndexOf('/') + 1), invoice));
  }

  private static String prefix(DocumentKind kind) {
    return switch (kind) {
      case INVOICE -> "INV";
      case CREDIT_NOTE -> "CN";
    };
  }
}
