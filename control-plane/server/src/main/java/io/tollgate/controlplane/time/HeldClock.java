package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Alone;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A test clock that one transaction holds to its end and moves within it, with what is due on the
 * way: one commit in place of two for each instant. What fails fails all of it. For whoever has the
 * clock and all that lives by it alone, and can begin again with {@link TestClocks#advance}; for
 * one transaction, and by one thread.
 */
public final class HeldClock {
  private final Transaction tx;
  private final String clock;
  private final Agenda agenda;
  private final Supplier<List<TestClock>> locked;
  private @Nullable Instant now;
  private long done;

  HeldClock(Transaction tx, String clock, Agenda agenda) {
    this.tx = tx;
    this.clock = clock;
    this.agenda = agenda;
    // What moves it is asked after this in any case, so nobody waits for the answer.
    this.locked = ClockStore.hold(tx, clock);
  }

  /**
   * Moves the clock forward and does everything due on the way.
   *
   * @return whether it stands there; if not, {@link TestClocks#advance} goes on, after the commit,
   *     from where it stands or says why it cannot
   */
  public boolean advance(Instant to) {
    Alone.say(tx);
    Instant from = now == null ? stands() : now;
    if (from == null || to.isBefore(from)) {
      return false;
    }
    now = from;
    if (from.equals(to) && Quiet.of(tx).isUntil(to)) {
      return true;
    }
    Stop stop = from.equals(to) ? due(to) : next(to);
    while (!stop.kinds().isEmpty()) {
      OptionalInt round = agenda.runDue(tx, clock, stop);
      if (round.isEmpty()) {
        return false;
      }
      done += round.getAsInt();
      stop = next(to);
    }
    Quiet.of(tx).until(to);
    return true;
  }

  /** Where it stands; null where there is none, or another move of it is to be ended first. */
  private @Nullable Instant stands() {
    return locked.get().stream()
        .filter(found -> found.advancingTo() == null)
        .findFirst()
        .map(TestClock::now)
        .orElse(null);
  }

  /** What is due where it stands. */
  private Stop due(Instant at) {
    return agenda.next(tx, clock, at).apply(at).orElseGet(() -> new Stop(at, List.of()));
  }

  private Stop next(Instant to) {
    Stop stop = ClockStore.go(tx, clock, agenda.kinds(), to, done);
    now = stop.at();
    return stop;
  }
}
