package io.tollgate.controlplane;

import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.usage.Pruning;
import io.tollgate.controlplane.web.IdempotencyKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Work of no tenant that keeps tables small. */
final class Housekeeping {
  static final String FORGET_KEYS = "house.forget-keys";
  static final String FORGET_TOTALS = "house.forget-totals";
  static final String FORGET_TRANSACTIONS = "house.forget-transactions";

  /** How long the answer to a keyed POST is kept. */
  static final Duration KEPT = Duration.ofDays(7);

  /** Longer than drafts wait: what ended within it may be composed anew. */
  private static final Duration LATELY = Duration.ofDays(31);

  private static final Duration EVERY = Duration.ofHours(6);
  private static final int MOST = 5_000;

  private final Agenda agenda;
  private final Pruning pruning;

  private Housekeeping(Agenda agenda, Pruning pruning) {
    this.agenda = agenda;
    this.pruning = pruning;
  }

  /** Puts the work on the agenda; each replica may, there is one entry of each. */
  static void begin(Database database, Agenda agenda, InstantSource wall, Pruning pruning) {
    Housekeeping house = new Housekeeping(agenda, pruning);
    agenda.handle(FORGET_KEYS, 1, house::forgetKeys);
    agenda.handle(FORGET_TOTALS, 1, house::forgetTotals);
    agenda.handle(FORGET_TRANSACTIONS, 1, house::forgetTransactions);
    Instant now = wall.instant();
    database.inTransaction(
        tx -> {
          agenda.schedule(tx, next(FORGET_KEYS, now));
          agenda.schedule(tx, next(FORGET_TOTALS, now));
          agenda.schedule(tx, next(FORGET_TRANSACTIONS, now));
          return true;
        });
  }

  private static Work next(String kind, Instant at) {
    return new Work("", kind, "all", at);
  }

  private void forgetKeys(Transaction tx, List<DueWork> due) {
    Instant now = due.getFirst().now();
    boolean more = IdempotencyKeys.forget(tx, now.minus(KEPT), MOST) == MOST;
    agenda.schedule(tx, next(FORGET_KEYS, more ? now : now.plus(EVERY)));
  }

  private void forgetTotals(Transaction tx, List<DueWork> due) {
    Instant now = due.getFirst().now();
    boolean more = pruning.forgetTotals(tx, now, MOST);
    agenda.schedule(tx, next(FORGET_TOTALS, more ? now : now.plus(EVERY)));
  }

  private void forgetTransactions(Transaction tx, List<DueWork> due) {
    Instant now = due.getFirst().now();
    pruning.forgetTransactions(tx, now);
    agenda.schedule(tx, next(FORGET_TRANSACTIONS, now.plus(EVERY)));
  }

  /** The usage of a subscription's present period is priced yet, of its last one perhaps again. */
  static Pruning.OpenPeriods openPeriods(Subscriptions subscriptions) {
    return (tx, tenants, now) -> {
      Map<String, Instant> since = new HashMap<>();
      for (Subscription each : subscriptions.of(tx, tenants)) {
        if (!isLongOver(each.state(), now)) {
          Instant last = each.recurrence().at(each.current().start().minusNanos(1)).start();
          since.merge(each.tenant(), last, (a, b) -> a.isBefore(b) ? a : b);
        }
      }
      return since;
    };
  }

  private static boolean isLongOver(SubscriptionState state, Instant now) {
    Instant lately = now.minus(LATELY);
    return switch (state) {
      case SubscriptionState.Cancelled ended -> ended.at().isBefore(lately);
      case SubscriptionState.Expired ended -> ended.at().isBefore(lately);
      case SubscriptionState.Terminated ended -> ended.at().isBefore(lately);
      case SubscriptionState.Pending pending -> false;
      case SubscriptionState.Trial trial -> false;
      case SubscriptionState.Active active -> false;
      case SubscriptionState.Paused paused -> false;
    };
  }
}
