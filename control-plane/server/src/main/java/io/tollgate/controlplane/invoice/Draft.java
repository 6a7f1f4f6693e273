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
record Draft(InvoiceDetails details, String series, List<Claim> claims, Instant finalAt) {
  Draft {
    claims = List.copyOf(claims);
    if (details.invoice().status() != InvoiceStatus.DRAFT) {
      throw new IllegalArgumentException("a draft has the status DRAFT");
    }
  }

  /**
   * One thing that is billed once: UNIQUE (subscription, kind, period).
   *
   * @param kind {@code ADVANCE}, {@code ARREARS}, or a change's id
   * @param start of the period
   * @param revision of the subscription whose step is billed
   */
  record Claim(String subscription, String kind, Instant start, long revision) {}
}
