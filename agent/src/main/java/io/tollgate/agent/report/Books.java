package io.tollgate.agent.report;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * This incarnation's ledger together with its spool file: what is counted goes to disk before it is
 * sent. Safe for use by the reporter and by the end of the JVM at once; nothing here waits for the
 * network.
 */
final class Books {
  private final Ledger ledger;
  private final File directory;
  private final String source;
  private final String incarnation = Incarnation.draw();
  private @Nullable SpoolFile spool;
  private boolean spoolFailed;
  private long sequence;
  private long refused;

  Books(Ledger ledger, File directory, String source) {
    this.ledger = ledger;
    this.directory = directory;
    this.source = source;
  }

  /** Books what was counted and puts it on disk. */
  synchronized void keep(long hour) {
    List<Total> changed = ledger.book(hour);
    if (changed.isEmpty()) {
      return;
    }
    try {
      if (spool == null) {
        spool = SpoolFile.create(directory, source, incarnation);
      }
      spool.append(changed, sequence);
      if (spool.isWorthCompacting(ledger.outstandingCount())) {
        spool.compact(ledger.outstanding(Integer.MAX_VALUE), sequence);
      }
      spoolFailed = false;
    } catch (IOException | RuntimeException failure) {
      tellOnce(failure);
    }
  }

  private void tellOnce(Exception failure) {
    if (!spoolFailed) {
      spoolFailed = true;
      Log.say(
          "counts are kept in memory only and would be lost with the process: "
              + failure.getMessage()
              + "; set spool.directory to a directory this process may write to");
    }
  }

  /** The next message, null where everything is acknowledged. */
  synchronized @Nullable Message next(int most) {
    List<Total> totals = ledger.outstanding(most);
    if (totals.isEmpty()) {
      return null;
    }
    List<Snapshot> snapshots = new ArrayList<>(totals.size());
    for (Total total : totals) {
      snapshots.add(new Snapshot(total));
    }
    return new Message(source, incarnation, ++sequence, snapshots);
  }

  /** The letterbox has a message. */
  synchronized void acknowledge(Message message, Receipt receipt) {
    for (Snapshot snapshot : message.totals) {
      ledger.acknowledge(snapshot.total, snapshot.units);
    }
    refused += receipt.refusals.size();
    if (spool != null && ledger.outstandingCount() == 0) {
      try {
        spool.clear(sequence);
      } catch (IOException failure) {
        tellOnce(failure);
      }
    }
  }

  /** Whether the letterbox knows everything that is booked. */
  synchronized boolean isSettled() {
    return ledger.outstandingCount() == 0;
  }

  synchronized long undelivered() {
    return ledger.undelivered();
  }

  /** How many totals the letterbox refused for good. */
  synchronized long refused() {
    return refused;
  }

  /** Ends the spool file; if nothing is left to deliver, it goes. */
  synchronized void close() {
    try {
      if (spool != null && ledger.outstandingCount() == 0) {
        spool.delete();
        spool = null;
      }
    } catch (IOException failure) {
      tellOnce(failure);
    }
  }
}
