package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.RevisionKey;
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

  /** Whether a draft that will be composed anew bills a step. */
  static boolean bills(Transaction tx, RevisionKey step) {
    return tx.first(
            "SELECT 1 AS one FROM invoice_claims c JOIN invoices i ON i.id = c.invoice"
                + " WHERE c.subscription = $1 AND c.revision = $2 AND i.status = 'DRAFT'"
                + " AND i.waits_for IS NULL LIMIT 1",
            row -> true,
            step.subscription(),
            step.revision())
        .isPresent();
  }
}
