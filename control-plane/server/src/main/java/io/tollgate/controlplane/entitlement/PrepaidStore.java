package io.tollgate.controlplane.entitlement;

import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The SQL of what quotas have taken of units paid ahead. */
final class PrepaidStore {
  private PrepaidStore() {}

  /** What all windows of a quota have taken, locked: who grants of it comes after the others. */
  static long lock(Transaction tx, String tenant, String quota) {
    tx.execute(
        "INSERT INTO quota_prepaid (tenant, quota, spent) VALUES ($1, $2, 0)"
            + " ON CONFLICT DO NOTHING",
        tenant,
        quota);
    return tx.one(
        "SELECT spent FROM quota_prepaid WHERE tenant = $1 AND quota = $2 FOR UPDATE",
        row -> row.whole("spent"),
        tenant,
        quota);
  }

  static void store(Transaction tx, String tenant, String quota, long spent) {
    tx.execute(
        "UPDATE quota_prepaid SET spent = $3 WHERE tenant = $1 AND quota = $2",
        tenant,
        quota,
        spent);
  }

  /**
   * What windows other than the one that starts then have taken.
   *
   * @param start null for a lifetime quota's only one
   */
  static long takenElsewhere(Transaction tx, String tenant, String quota, @Nullable Instant start) {
    return tx.first(
            "SELECT p.spent - coalesce(w.prepaid, 0) AS taken FROM quota_prepaid p"
                + " LEFT JOIN quota_windows w ON w.tenant = p.tenant AND w.quota = p.quota"
                + " AND w.counter = '' AND w.window_start = $3"
                + " WHERE p.tenant = $1 AND p.quota = $2",
            row -> row.whole("taken"),
            tenant,
            quota,
            start == null ? Instant.EPOCH : start)
        .orElse(0L);
  }
}
