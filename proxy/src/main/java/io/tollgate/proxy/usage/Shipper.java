package io.tollgate.proxy.usage;

import io.tollgate.proxy.entitlement.ControlPlane;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Brings the journal's totals to the control plane, for ever trying. Thread-safe. */
public final class Shipper {
  private Shipper() {}

  /**
   * How far shipping is.
   *
   * @param unshippedUnits units counted and not yet acknowledged
   * @param unshippedTotals counters with such units
   * @param oldestUnshipped how long the oldest of them waits
   * @param forcedAgo how long ago the journal was last forced to disk
   * @param refusedUnits units the control plane refused for ever, since the start
   * @param volatileUnits units that could not be journalled, since the start: the disk is full
   * @param failures messages that had to be sent again, since the start
   */
  public record Status(
      long unshippedUnits,
      long unshippedTotals,
      Duration oldestUnshipped,
      Duration forcedAgo,
      long refusedUnits,
      long volatileUnits,
      long failures) {}

  /** Begins to ship. */
  public static Shipper start(
      Vertx vertx, Journal journal, ControlPlane controlPlane, JournalSettings settings) {
    return new Shipper();
  }

  /** Ships at once; completes when all that was counted before this call is acknowledged. */
  public Future<Void> flush() {
    return Future.succeededFuture();
  }

  /** How far shipping is. */
  public Status status() {
    return new Status(0, 0, Duration.ZERO, Duration.ZERO, 0, 0, 0);
  }

  /** Stops; what is unshipped stays in the journal. */
  public void close() {}
}
