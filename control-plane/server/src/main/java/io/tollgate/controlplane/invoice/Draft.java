package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Policies.ZeroInvoices;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A composed invoice on its way into the database.
 *
 * @param details what will be printed, in status DRAFT
 * @param series whose numbers it will take: its catalog's; final, whose number it has
 * @param claims what it bills; each can be claimed once only
 * @param finalAt when it becomes final
 * @param zero what becomes of it where it comes to nothing
 * @param waits for what its lines wait, made for good; null where it is a document of its own
 */
public record Draft(
    InvoiceDetails details,
    String series,
    List<Claim> claims,
    Instant finalAt,
    ZeroInvoices zero,
    @Nullable Waits waits) {
  /** For which document lines wait. */
  public enum Waits {
    /** The next one of their subscription. */
    NEXT,
    /** The one of their day. */
    DAY
  }

  public Draft {
    claims = List.copyOf(claims);
    if (details.invoice().status() != InvoiceStatus.DRAFT) {
      throw new IllegalArgumentException("a draft has the status DRAFT");
    }
  }

  /** A document of its own, numbered whatever it comes to. */
  public Draft(InvoiceDetails details, String series, List<Claim> claims, Instant finalAt) {
    this(details, series, claims, finalAt, ZeroInvoices.FINALIZE, null);
  }

  /** A draft that will take a number of its catalog's series. */
  public static Draft of(
      InvoiceDetails details, Catalog catalog, List<Claim> claims, Instant finalAt) {
    Invoice invoice = details.invoice();
    String series = Numbers.series(catalog, invoice.kind(), invoice.issuedOn());
    return new Draft(details, series, claims, finalAt, catalog.policies().zeroInvoices(), null);
  }

  /** The same, with a number of a series. */
  Draft in(String other) {
    return new Draft(details, other, claims, finalAt, zero, waits);
  }

  /** The same, waiting for another document. */
  public Draft waiting(@Nullable Waits what) {
    return new Draft(details, series, claims, finalAt, zero, what);
  }

  /** Whether one of its lines gives something back of what was charged for an item. */
  public boolean givesBack(String item) {
    return details.lines().stream()
        .anyMatch(
            line ->
                (line.charge() instanceof Charge.ProrationCredit && item.equals(line.source()))
                    || (line.netted() != null && item.equals(line.netted().source())));
  }

  /** Whether nobody is shown it: it comes to nothing, and such are skipped. */
  public boolean isSkipped() {
    return isClosed() && zero == ZeroInvoices.SKIP;
  }

  /** Whether it is closed without a number rather than made final. */
  boolean isClosed() {
    Invoice invoice = details.invoice();
    return zero != ZeroInvoices.FINALIZE
        && invoice.kind() == DocumentKind.INVOICE
        && invoice.totals().total().isZero();
  }

  /**
   * One thing that is billed once: UNIQUE (subscription, kind, period).
   *
   * @param kind {@code ADVANCE}, {@code ARREARS}, or one with what names it, such as a change's
   *     revision
   * @param start of the period
   * @param revision of the subscription whose step is billed
   */
  public record Claim(String subscription, String kind, Instant start, long revision) {}
}
