package io.tollgate.examples.benchmarks;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.proxy.limit.BlockOrders;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitSettings;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Operations on the cluster per request, in a time of its own: half an hour takes a second. One
 * node, its quotas in blocks of a root, as the proxy has them.
 */
final class PlayedTime {
  private static final int TICK_MILLIS = 10;
  private static final int SWEEP_MILLIS = 500;

  private long millis = System.currentTimeMillis();
  private final CellsAtHand cells = new CellsAtHand(() -> millis);
  private final LeasedLimits limits =
      new LeasedLimits(
          cells,
          LimitSettings.DEFAULT,
          () -> millis * 1_000_000,
          new BlockOrders(
              "benchmark",
              order ->
                  CompletableFuture.completedFuture(
                      new QuotaBlock(
                          QuotaBlock.FORMAT,
                          order.requestId(),
                          order.units(),
                          order.units(),
                          Long.MAX_VALUE))),
          alert -> {});

  /** Tenants that call once a minute each, for half an hour. */
  double onceAMinute(int count) {
    Entitlements[] tenants = Tenants.ample(count);
    long requests = 0;
    for (int second = 0; second < 30 * 60; second++) {
      for (int tenant = second % 60; tenant < count; tenant += 60) {
        call(tenants[tenant]);
        requests++;
      }
      pass(1_000);
    }
    return (double) cells.requests() / requests;
  }

  /**
   * So many tenants drawn at random, so many requests a second of all of them together: the second
   * of two minutes.
   */
  double drawn(int count, int perSecond) {
    Entitlements[] tenants = Tenants.ample(count);
    Random random = new Random(1);
    long before = 0;
    long requests = 0;
    for (int minute = 0; minute < 2; minute++) {
      before = cells.requests();
      requests = 0;
      for (int step = 0; step < 60_000 / TICK_MILLIS; step++) {
        for (int i = 0; i < perSecond * TICK_MILLIS / 1_000; i++) {
          call(tenants[random.nextInt(count)]);
          requests++;
        }
        pass(TICK_MILLIS);
      }
    }
    return (double) (cells.requests() - before) / requests;
  }

  private void call(Entitlements tenant) {
    limits.admit(
        new Call(Runnable::run).prepare(tenant, "", Tenants.ONE_CALL),
        verdict -> verdict.ticket().keep());
  }

  private void pass(int duration) {
    for (int passed = 0; passed < duration; passed += TICK_MILLIS) {
      millis += TICK_MILLIS;
      limits.tick();
      if (millis / SWEEP_MILLIS != (millis - TICK_MILLIS) / SWEEP_MILLIS) {
        limits.sweep();
      }
    }
  }
}
