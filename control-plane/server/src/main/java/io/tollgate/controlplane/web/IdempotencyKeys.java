package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;

/** The stored answers to keyed POSTs, for who keeps their table small. Thread-safe. */
public final class IdempotencyKeys {
  private IdempotencyKeys() {}

  /**
   * Forgets answers given before an instant; their keys are free again.
   *
   * @param most how many at most, so that the transaction stays short
   * @return how many
   */
  public static int forget(Transaction tx, Instant before, int most) {
    return tx.execute(
        "DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency"
            + " WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before,
        most);
  }
}
