package io.tollgate.controlplane.dunning;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.payment.Attempt;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Attempts to collect that dunning asks for. They are entries of their own on the agenda, because a
 * provider is asked outside the transaction that changes invoices: this one holds nothing but its
 * entry. A decline waits for the policy's next attempt; an outage is nobody's refusal and is tried
 * again sooner.
 */
final class Collecting {
  /** The agenda's kind for what dunning asks for: in batches, as far as nobody has to be asked. */
  static final String REQUEST = "dunning.collect";

  /** The agenda's kind for asking a provider: one invoice each. */
  static final String COLLECT = "payment.collect";

  private static final int BATCH = 200;

  /** How many providers' answers one worker waits for at once; each wait keeps a connection. */
  private static final int HANDS = 4;

  private static final Duration AFTER_OUTAGE = Duration.ofHours(1);
  private static final Duration IN_FLIGHT = Duration.ofMinutes(15);

  /** A day of outages; then the policy's next attempt has it. */
  private static final int MOST_OUTAGES = 24;

  private final Payments payments;
  private final Agenda agenda;

  Collecting(Payments payments, Agenda agenda) {
    this.payments = payments;
    this.agenda = agenda;
  }

  void handle() {
    agenda.handle(REQUEST, BATCH, this::request);
    agenda.handle(COLLECT, 1, HANDS, this::collect);
  }

  private void request(Transaction tx, List<DueWork> due) {
    Set<String> done =
        payments.awaitTransfers(tx, due.stream().map(DueWork::subject).toList(), "system");
    agenda.scheduleAll(
        tx,
        due.stream()
            .filter(work -> !done.contains(work.subject()))
            .map(work -> new Work(work.tenant(), COLLECT, work.subject(), work.now()))
            .toList());
  }

  private void collect(Transaction tx, List<DueWork> due) {
    due.forEach(work -> collect(tx, work));
  }

  private void collect(Transaction tx, DueWork work) {
    Optional<Attempt> attempt;
    try {
      attempt = payments.collect(work.subject(), "system");
    } catch (Problem e) {
      if (e.status() != 409) {
        throw e;
      }
      again(tx, work, IN_FLIGHT);
      return;
    }
    boolean outage = attempt.filter(made -> made.state() == Attempt.State.UNAVAILABLE).isPresent();
    if (outage && outages(tx, work.subject()) < MOST_OUTAGES) {
      again(tx, work, AFTER_OUTAGE);
    }
  }

  private void again(Transaction tx, DueWork work, Duration pause) {
    Instant at = work.now().plus(pause);
    agenda.schedule(tx, new Work(work.tenant(), COLLECT, work.subject(), at));
  }

  /** How many of the last attempts in a row found nobody. */
  private long outages(Transaction tx, String invoice) {
    List<Attempt> attempts = payments.ofInvoice(tx, invoice);
    return attempts.reversed().stream()
        .takeWhile(attempt -> attempt.state() == Attempt.State.UNAVAILABLE)
        .count();
  }
}
