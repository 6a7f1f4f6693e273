package io.tollgate.controlplane.invoice;

import java.time.Instant;
import java.util.List;

/**
 * A composed invoice on its way into the database.
 *
 * @param details what will be printed, in status DRAFT
 * @param series whose numbers it will take
 * @param claims what it bills; each can be claimed once only
 * @param finalAt when it becomes final
 */
public record Draft(InvoiceDetails details, String series, List<Claim> claims, Instant finalAt) {
  public Draft {
    claims = List.copyOf(claims);
    if (details.invoice().status() != InvoiceStatus.DRAFT) {
      throw new IllegalArgumentException("a draft has the status DRAFT");
    }
  }

  /** A draft that will take a number of its catalog's series. */
  public static Draft of(
      InvoiceDetails details, String catalog, List<Claim> claims, Instant finalAt) {
    Invoice invoice = details.invoice();
    String series = Numbers.series(catalog, invoice.kind(), invoice.issuedOn());
    return new Draft(details, series, claims, finalAt);
  }

  /**
   * One thing that is billed once: UNIQUE (subscription, kind, period).
   *
   * @param kind {@code ADVANCE}, {@code ARREARS}, or a change's id
   * @param start of the period
   * @param revision of the subscription whose step is billed
   */
  public record Claim(String subscription, String kind, Instant start, long revision) {}
}
