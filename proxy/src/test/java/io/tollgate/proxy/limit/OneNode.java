package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A node whose cells are at hand, and whose time goes on only while a call waits. */
abstract class OneNode {
  static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");

  final DirectStore store = new DirectStore(NOON.toEpochMilli());
  final List<LimitAlert> alerts = new ArrayList<>();
  LeasedLimits limits = limits(StoreDown.CLOSED);

  LeasedLimits limits(StoreDown storeDown) {
    LimitSettings settings =
        new LimitSettings(
            Duration.ofMillis(250), storeDown, Duration.ofMillis(400), Duration.ofSeconds(5));
    return new LeasedLimits(store, settings, store::nanos, null, alerts::add);
  }

  Verdict admit(Entitlements entitlements) {
    return admit(entitlements, "", Sample.ONE_CALL);
  }

  Verdict admit(Entitlements entitlements, String key, Demand demand) {
    List<Verdict> verdicts = new ArrayList<>();
    limits.admit(new Call(Runnable::run).prepare(entitlements, key, demand), verdicts::add);
    for (int i = 0; i < 100 && verdicts.isEmpty(); i++) {
      store.advance(10);
      limits.tick();
    }
    assertThat(verdicts).hasSize(1);
    return verdicts.get(0);
  }

  int admitted(int calls, Entitlements entitlements) {
    int admitted = 0;
    for (int i = 0; i < calls; i++) {
      Verdict verdict = admit(entitlements);
      admitted += verdict.admitted() ? 1 : 0;
      verdict.ticket().keep();
    }
    return admitted;
  }

  /** Seconds of housekeeping. */
  void pass(int seconds) {
    for (int half = 0; half < 2 * seconds; half++) {
      store.advance(500);
      limits.sweep();
      limits.tick();
    }
  }
}
