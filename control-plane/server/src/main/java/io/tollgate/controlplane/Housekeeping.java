package io.tollgate.controlplane;

import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.IdempotencyKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Work of no tenant that keeps tables small. */
final class Housekeeping {
  static final String FORGET_KEYS = "house.forget-keys";

  /** How long the answer to a keyed POST is kept. */
  static final Duration KEPT = Duration.ofDays(7);

  private static final Duration EVERY = Duration.ofHours(6);
  private static final int MOST = 5_000;

  private final Agenda agenda;

  private Housekeeping(Agenda agenda) {
    this.agenda = agenda;
  }

  /** Puts the work on the agenda; each replica may, there is one entry. */
  static void begin(Database database, Agenda agenda, InstantSource wall) {
    Housekeeping house = new Housekeeping(agenda);
    agenda.handle(FORGET_KEYS, 1, house::forgetKeys);
    Instant now = wall.instant();
    database.inTransaction(
        tx -> {
          agenda.schedule(tx, house.next(now));
          return true;
        });
  }

  private Work next(Instant at) {
    return new Work("", FORGET_KEYS, "all", at);
  }

  private void forgetKeys(Transaction tx, List<DueWork> due) {
    Instant now = due.getFirst().now();
    boolean more = IdempotencyKeys.forget(tx, now.minus(KEPT), MOST) == MOST;
    agenda.schedule(tx, next(more ? now : now.plus(EVERY)));
  }
}
