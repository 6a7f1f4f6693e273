package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Up to when the clock that a transaction holds is known to have nothing due. */
final class Quiet {
  private volatile @Nullable Instant until;

  static Quiet of(Transaction tx) {
    return tx.holding(Quiet.class, Quiet::new);
  }

  boolean isUntil(Instant at) {
    Instant known = until;
    return known != null && !known.isBefore(at);
  }

  void until(Instant at) {
    until = at;
  }

  /** Something is scheduled. */
  void hear(List<Work> works) {
    Instant known = until;
    if (known != null && works.stream().anyMatch(work -> !work.dueAt().isAfter(known))) {
      until = null;
    }
  }

  /** Something else may be due. */
  void end() {
    until = null;
  }
}
