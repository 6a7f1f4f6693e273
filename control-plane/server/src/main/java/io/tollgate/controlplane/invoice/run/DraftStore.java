package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.List;

/** What drafts have claimed. */
final class DraftStore {
  private DraftStore() {}

  /** Starts of a subscription's ended periods whose usage is billed by a draft only, rising. */
  static List<Instant> arrears(Transaction tx, String subscription) {
    return tx.list(
        "SELECT c.period_start FROM invoice_claims c JOIN invoices i ON i.id = c.invoice"
            + " WHERE c.subscription = $1 AND c.kind = 'ARREARS' AND i.status = 'DRAFT'"
            + " ORDER BY c.period_start",
        row -> row.instant("period_start"),
        subscription);
  }
}
