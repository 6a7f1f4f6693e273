package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The sweep in small pieces, as the cluster's node does it every 10 ms. */
class SweepTest {
  private static final int PIECES = 50;
  private static final Demand ONE = new Demand("", null, Map.of("calls", 1L));

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final LeasedLimits limits =
      new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, alert -> {});

  @Test
  void sweepOn_tenantsThatFellSilent_returnTheirLeasesAndGo() {
    for (int i = 0; i < 400; i++) {
      store.advance(10);
      Call call = new Call(Runnable::run);
      Entitlements entitlements =
          Sample.tenant("t" + i % 100)
              .quota("q", 1_000_000)
              .rate("r", 100, Duration.ofSeconds(1), 100)
              .entitlements();
      limits.admit(call.prepare(entitlements, "", ONE), verdict -> verdict.ticket().keep());
      assertThat(call.verdict().admitted()).isTrue();
    }
    assertThat(limits.tenants()).isEqualTo(100);
    assertThat(limits.outstanding()).isPositive();
    pass(Duration.ofMinutes(6));
    assertThat(limits.outstanding()).isZero();
    assertThat(limits.tenants()).isZero();
  }

  @Test
  void sweepOn_permitsOfCallsThatRun_areRenewedInTime_amongManyTenants() {
    List<Call> running = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Call call = new Call(Runnable::run, () -> true);
      Sample sample = Sample.tenant("t" + i).quota("q", 1_000_000);
      Entitlements entitlements =
          (i % 10 == 0 ? sample.permits("p", 1, Duration.ofSeconds(3)) : sample).entitlements();
      limits.admit(call.prepare(entitlements, "", ONE), verdict -> {});
      running.add(call);
    }
    long before = store.requests();
    pass(Duration.ofSeconds(30));
    // 20 tenants renew every second, or half a second later.
    assertThat(store.requests() - before).isGreaterThanOrEqualTo(20 * 19);
    Call another = new Call(Runnable::run);
    Entitlements first =
        Sample.tenant("t0")
            .quota("q", 1_000_000)
            .permits("p", 1, Duration.ofSeconds(3))
            .entitlements();
    limits.admit(another.prepare(first, "", ONE), verdict -> {});
    assertThat(another.verdict().admitted()).isFalse();
    assertThat(running.getFirst().verdict().admitted()).isTrue();
  }

  private void pass(Duration time) {
    for (long millis = 0; millis < time.toMillis(); millis += 10) {
      store.advance(10);
      limits.tick();
      limits.sweepOn(PIECES);
    }
  }
}
