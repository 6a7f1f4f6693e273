package io.tollgate.agent.report;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Brings books to the letterbox: first what earlier incarnations left, then this one's. After a
 * failure it waits, twice as long each time up to half a minute, give or take a quarter, so that a
 * fleet does not come back at once. For the reporter's thread alone.
 */
final class Delivery {
  /** Totals in one message: about 120 bytes each. */
  private static final int MOST_TOTALS = 1_000;

  private static final long FIRST_WAIT_NANOS = 500_000_000L;
  private static final long LONGEST_WAIT_NANOS = 30_000_000_000L;
  private static final int REFUSALS_TOLD = 5;

  private final Letterbox letterbox;
  private final Books books;
  private final File directory;
  private final String place;
  private @Nullable List<OldSpool> old;
  private int failures;
  private int refusalsTold;
  private long notBefore;

  Delivery(Letterbox letterbox, Books books, File directory, String place) {
    this.letterbox = letterbox;
    this.books = books;
    this.directory = directory;
    this.place = place;
  }

  /** Delivers what can be delivered, unless it is too early after a failure. */
  void attempt(long nanos) {
    if (failures > 0 && nanos - notBefore < 0) {
      return;
    }
    try {
      deliverOld();
      for (Message next = books.next(MOST_TOTALS); next != null; next = books.next(MOST_TOTALS)) {
        Receipt receipt = next.post(letterbox);
        books.acknowledge(next, receipt);
        tell(receipt);
      }
      if (failures > 0) {
        Log.say("the letterbox " + place + " answers again; nothing was lost meanwhile");
      }
      failures = 0;
    } catch (IOException | RuntimeException failure) {
      fail(failure, nanos);
    }
  }

  /** Makes the next attempt at once, however many failed. */
  void forgetFailures() {
    notBefore = Long.MIN_VALUE / 2;
    failures = Math.min(failures, 1);
  }

  private void deliverOld() throws IOException {
    if (old == null) {
      old = OldSpool.in(directory);
    }
    while (!old.isEmpty()) {
      OldSpool first = old.get(0);
      for (int from = 0; from < first.totals.size(); from += MOST_TOTALS) {
        int to = Math.min(from + MOST_TOTALS, first.totals.size());
        List<Snapshot> totals = new ArrayList<>(to - from);
        for (Total total : first.totals.subList(from, to)) {
          totals.add(new Snapshot(total));
        }
        first.sequence++;
        tell(new Message(first.source, first.incarnation, first.sequence, totals).post(letterbox));
      }
      first.delete();
      old.remove(0);
      if (!first.totals.isEmpty()) {
        Log.say("delivered what an earlier run had left: incarnation " + first.incarnation);
      }
    }
  }

  private void tell(Receipt receipt) {
    for (String reason : receipt.refusals) {
      if (refusalsTold++ < REFUSALS_TOLD) {
        Log.say("a total was refused for good: " + reason);
      }
    }
  }

  private void fail(Exception failure, long nanos) {
    if (failures == 0) {
      Log.say(
          "the letterbox "
              + place
              + " is not reached ("
              + failure.getMessage()
              + "); counting goes on, delivery is tried again");
    }
    long wait = Math.min(LONGEST_WAIT_NANOS, FIRST_WAIT_NANOS << Math.min(failures, 20));
    failures++;
    notBefore = nanos + wait * ThreadLocalRandom.current().nextInt(75, 126) / 100;
  }
}
