package io.tollgate.agent.report;

import io.tollgate.agent.config.Feature;
import io.tollgate.agent.config.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * The agent's one thread, a daemon: books the counters at each report interval and at the turn of
 * each hour, and delivers. When the JVM ends, what is counted is put on disk at once, and delivered
 * if the letterbox answers in time; while other shutdown hooks of the host still run, it goes on in
 * short steps.
 */
public final class Reporter implements Runnable {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long ENDING_STEP_MILLIS = 50;

  private final Counters counters;
  private final Books books;
  private final Delivery delivery;
  private final Time time;
  private final long stepMillis;
  private final Object turn = new Object();
  private boolean ending;
  private boolean hurried;

  Reporter(Settings settings, Counters counters, Time time) {
    List<String> keys = new ArrayList<>();
    for (Feature feature : settings.features()) {
      keys.add(feature.key());
    }
    this.counters = counters;
    this.time = time;
    this.stepMillis = settings.reportMillis();
    Ledger ledger = new Ledger(counters, keys, settings.mostOutstanding());
    this.books = new Books(ledger, settings.spool(), settings.source());
    this.delivery =
        new Delivery(
            new Letterbox(settings.letterbox()),
            books,
            settings.spool(),
            settings.letterbox().toString());
  }

  /**
   * Starts reporting, until the JVM ends.
   *
   * @param settings where to and how often
   * @param counters what to report
   */
  public static void start(Settings settings, Counters counters) {
    Reporter reporter = new Reporter(settings, counters, new Time());
    Thread thread = new Thread(reporter, "tollgate-agent-reporter");
    thread.setDaemon(true);
    thread.setContextClassLoader(Reporter.class.getClassLoader());
    thread.start();
    Thread end = new Thread(new End(reporter, settings.shutdownMillis()), "tollgate-agent-end");
    end.setContextClassLoader(Reporter.class.getClassLoader());
    Runtime.getRuntime().addShutdownHook(end);
  }

  /** Reports until the JVM ends; a failure costs one round. */
  @Override
  public void run() {
    while (awaitTurn()) {
      try {
        round();
      } catch (RuntimeException | Error failure) {
        Log.say("a report failed, the next will hold what it should have held: " + failure);
      }
    }
  }

  /** One round of booking and delivering. */
  void round() {
    keep();
    if (isFirstOfTheEnd()) {
      delivery.forgetFailures();
    }
    delivery.attempt(time.nanos());
    synchronized (turn) {
      turn.notifyAll();
    }
  }

  private boolean isFirstOfTheEnd() {
    synchronized (turn) {
      boolean first = ending && !hurried;
      hurried = ending;
      return first;
    }
  }

  private void keep() {
    books.keep(Math.floorDiv(time.wallMillis(), HOUR_MILLIS));
  }

  @SuppressWarnings("WaitNotInLoop") // A turn that comes too early does no harm.
  private boolean awaitTurn() {
    long now = time.wallMillis();
    long untilHour = HOUR_MILLIS - Math.floorMod(now, HOUR_MILLIS);
    synchronized (turn) {
      try {
        turn.wait(ending ? ENDING_STEP_MILLIS : Math.min(stepMillis, untilHour));
        return true;
      } catch (InterruptedException stranger) {
        return false;
      }
    }
  }

  /** Puts everything on disk, and waits so long at most for its delivery. */
  private void end(long millis) {
    keep();
    long deadline = time.nanos() + millis * 1_000_000;
    synchronized (turn) {
      ending = true;
      turn.notifyAll();
      try {
        long left = millis;
        while (left > 0 && !books.isSettled()) {
          turn.wait(left);
          left = (deadline - time.nanos()) / 1_000_000;
        }
      } catch (InterruptedException stranger) {
        Thread.currentThread().interrupt();
      }
    }
    keep();
    books.close();
    tellLosses();
  }

  private void tellLosses() {
    StringBuilder losses = new StringBuilder();
    add(losses, books.undelivered(), "calls wait in the spool for the next start");
    add(losses, sum(counters.nobody()), "calls served no tenant's request and were not reported");
    add(losses, sum(counters.overflow()), "calls were counted together, beyond tenants.max");
    add(losses, books.refused(), "totals were refused by the letterbox");
    if (losses.length() > 0) {
      Log.say("ends: " + losses);
    }
  }

  private static void add(StringBuilder losses, long number, String what) {
    if (number > 0) {
      losses.append(losses.length() == 0 ? "" : "; ").append(number).append(' ').append(what);
    }
  }

  private static long sum(TenantCounters counters) {
    long sum = 0;
    for (int feature = 0; feature < counters.features(); feature++) {
      sum += counters.sum(feature);
    }
    return sum;
  }

  /** What the JVM runs at its end. */
  private static final class End implements Runnable {
    private final Reporter reporter;
    private final long millis;

    End(Reporter reporter, long millis) {
      this.reporter = reporter;
      this.millis = millis;
    }

    @Override
    public void run() {
      reporter.end(millis);
    }
  }
}
