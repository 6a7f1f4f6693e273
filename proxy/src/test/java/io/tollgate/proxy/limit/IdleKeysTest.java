package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * Keys that called once and never again cost nothing after a while, on the node and in the cells;
 * {@code -Dtollgate.keys=1000000} for a long night.
 */
class IdleKeysTest {
  private static final int KEYS = Integer.getInteger("tollgate.keys", 20_000);
  private static final int TENANTS = 200;

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final LeasedLimits limits =
      new LeasedLimits(
          store,
          new LimitSettings(
              Duration.ofMillis(250),
              StoreDown.CLOSED,
              Duration.ofMillis(400),
              Duration.ofSeconds(5)),
          store::nanos,
          null,
          alert -> {});

  @Test
  void keysThatCalledOnce_leaveNothingBehind_whileTheirTenantGoesOn() {
    Entitlements[] tenants = new Entitlements[TENANTS];
    for (int i = 0; i < TENANTS; i++) {
      tenants[i] =
          Sample.tenant("t" + i).rateByKey("r", 10, Duration.ofSeconds(1), 5).entitlements();
      call(tenants[i], "busy");
    }
    long before = used();
    for (int i = 0; i < KEYS; i++) {
      call(tenants[i % TENANTS], "key-" + i);
    }
    long full = used();
    assertThat(full - before).as("what was kept while they were in use").isGreaterThan(KEYS * 100L);
    for (int second = 0; second < 180; second++) {
      store.advance(1_000);
      limits.sweep();
      limits.tick();
      for (int i = second % 10; i < TENANTS; i += 10) {
        call(tenants[i], "busy");
      }
    }
    assertThat(limits.tenants()).isEqualTo(TENANTS);
    assertThat(limits.explain("t0")).singleElement().matches(view -> view.counter().equals("busy"));
    assertThat(store.counters("t0")).isEqualTo(1);
    assertThat(used() - before).as("what stayed").isLessThan((full - before) / 10 + (1 << 20));
  }

  private void call(Entitlements tenant, String key) {
    limits.admit(
        new Call(Runnable::run).prepare(tenant, key, Sample.ONE_CALL),
        verdict -> verdict.ticket().keep());
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
