package io.tollgate.proxy.usage;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.meter.Letterbox;
import io.tollgate.proxy.meter.Tally;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.InstantSource;

/** Counted units, kept where killing the process cannot reach them. Thread-safe. */
public final class Journal implements Tally, Letterbox.Slot {
  private Journal() {}

  /**
   * Opens the journal's directory, taking over what earlier incarnations left unshipped.
   *
   * @throws IOException if the directory cannot be used, or another process uses it
   */
  public static Journal open(Vertx vertx, JournalSettings settings, InstantSource clock)
      throws IOException {
    return new Journal();
  }

  /**
   * Adds units: an atomic addition to mapped memory; no lock, allocation or I/O for known meters.
   */
  @Override
  public void add(String tenant, String meter, long units) {}

  @Override
  public Future<UsageReceipt> relay(UsageTotals totals) {
    return Future.failedFuture("not yet");
  }

  /** Forces everything to disk and closes. */
  public void close() {}
}
