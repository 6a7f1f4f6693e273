package io.tollgate.proxy.meter;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.config.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * Where agents on this machine deliver what they counted: {@code POST /letterbox} with {@link
 * UsageTotals} answers 200 with a {@link UsageReceipt} once the totals are journalled.
 */
public final class Letterbox {
  /** Keeps what is delivered: the usage room's journal. */
  @FunctionalInterface
  public interface Slot {
    /**
     * Completes once every total is durable or named as refused; the same message may come again.
     */
    Future<UsageReceipt> relay(UsageTotals totals);
  }

  private Letterbox() {}

  /**
   * Opens the letterbox.
   *
   * @return fails if the port cannot be had
   */
  public static Future<Letterbox> open(Vertx vertx, Endpoint endpoint, Slot slot) {
    return Future.failedFuture("not yet");
  }

  /** The port it listens on. */
  public int port() {
    return 0;
  }

  /** Answers what is under way, then closes. */
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
