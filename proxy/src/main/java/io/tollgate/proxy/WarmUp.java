package io.tollgate.proxy;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Demand;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.limit.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The first question to a cold cluster takes longer than an admission may wait, so the proxy asks
 * it itself, for a tenant that does not exist, before it takes any call.
 */
final class WarmUp {
  private static final int TRIES = 40;
  private static final long PAUSE_MILLIS = 50;
  private static final String TENANT = "tollgate:warm-up";

  private WarmUp() {}

  /**
   * Asks until the cluster answers in time, or gives up: the first caller's policy decides then.
   */
  static void run(Limits limits) {
    for (int i = 0; i < TRIES; i++) {
      if (answers(limits) || !pause()) {
        return;
      }
    }
  }

  private static boolean answers(Limits limits) {
    CompletableFuture<Boolean> answered = new CompletableFuture<>();
    limits.admit(
        new Call(Runnable::run)
            .prepare(entitlements(), "", new Demand("", null, Map.of("calls", 1L))),
        verdict -> {
          answered.complete(verdict.admitted() && verdict.outcome(0) == Outcome.ADMITTED);
          verdict.ticket().keep();
        });
    return answered.completeOnTimeout(false, 1, TimeUnit.SECONDS).join();
  }

  private static Entitlements entitlements() {
    return new Entitlements(
        Entitlements.FORMAT,
        TENANT,
        1,
        Instant.EPOCH,
        "",
        "",
        new Standing(BillingState.NONE, Access.NONE, ""),
        null,
        List.of(),
        List.of(),
        rates(),
        List.of(),
        List.of());
  }

  /** A rate that never refuses. */
  static List<RateLimit> rates() {
    return List.of(
        new RateLimit(
            "warm-up",
            "calls",
            Scope.TENANT,
            1_000_000,
            Duration.ofSeconds(1),
            1_000_000,
            OverLimit.DENY,
            false,
            "plan:none"));
  }

  /** A cell that answered too late is not asked again at once. */
  private static boolean pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
