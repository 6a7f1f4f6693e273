package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.proxy.limit.cell.Holding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much is leased ahead, so that few calls need an operation on a cell. */
class LeaseSizeTest extends OneNode {
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void tick_looksAfterEachBusyTenantOnce() {
    store.down(true);
    int busy = 500;
    for (int i = 0; i < busy; i++) {
      Entitlements entitlements = Sample.tenant("t" + i).quota("q", 10).entitlements();
      limits.admit(
          new Call(Runnable::run).prepare(entitlements, "", Sample.ONE_CALL), verdict -> {});
    }
    assertThat(store.requests()).isEqualTo(busy);
    store.advance(100);
    limits.tick();
    // All are repeated once, stay busy, and are not met again in the same round.
    assertThat(store.requests()).isEqualTo(2L * busy);
  }

  @Test
  void slowTenant_needsOneOperationACall() {
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("r", 100, Duration.ofSeconds(1), 100)
            .quota("q", 1_000)
            .entitlements();
    for (int i = 0; i < 10; i++) {
      assertThat(admitted(1, entitlements)).isEqualTo(1);
      for (int second = 0; second < 60; second++) {
        store.advance(1_000);
        limits.sweep();
        limits.tick();
      }
    }
    assertThat(store.requests()).isLessThanOrEqualTo(10);
  }

  @Test
  void tenantOfOneCallASecond_isLeasedSomeAhead() {
    limits = new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, alerts::add);
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("second", 100, Duration.ofSeconds(1), 100)
            .rate("minute", 1_000, Duration.ofMinutes(1), 1_000)
            .quota("q", 1_000_000)
            .entitlements();
    callEvery(1_000, 200, entitlements);
    assertThat(store.requests()).isLessThanOrEqualTo(200 / 5);
  }

  /** Of limits that are far from spent a lease may last. */
  @Test
  void tenantOfOneCallASecond_farFromItsLimits_isLeasedManyAhead() {
    limits = rooted(1_000_000);
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("second", 10_000, Duration.ofSeconds(1), 10_000)
            .rate("minute", 100_000, Duration.ofMinutes(1), 100_000)
            .quota("q", 1_000_000)
            .entitlements();
    callEvery(1_000, 1_000, entitlements);
    assertThat(store.requests()).isLessThanOrEqualTo(1_000 / 50);
    // What is left goes back when it runs out, and nothing stays of the tenant.
    pass(300);
    assertThat(limits.tenants()).isZero();
    Holding books = store.counter("t", "q").holdings().get(0);
    assertThat(books.settled()).isEqualTo(1_000);
    assertThat(books.outstanding() + books.forfeited()).isZero();
  }

  @Test
  void tenantOfOneCallAMinute_farFromItsLimits_needsLessThanOneOperationACall() {
    limits = rooted(1_000_000);
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("second", 10_000, Duration.ofSeconds(1), 10_000)
            .quota("q", 1_000_000)
            .entitlements();
    callEvery(60_000, 60, entitlements);
    assertThat(store.requests()).isLessThanOrEqualTo(40);
  }

  private void callEvery(long millis, int times, Entitlements entitlements) {
    for (int i = 0; i < times; i++) {
      assertThat(admitted(1, entitlements)).isEqualTo(1);
      for (long waited = 0; waited < millis; waited += 500) {
        store.advance(500);
        limits.sweep();
        limits.tick();
      }
    }
  }

  private LeasedLimits rooted(long amount) {
    QuotaRoot root =
        request ->
            CompletableFuture.completedFuture(
                new QuotaBlock(QuotaBlock.FORMAT, request.requestId(), request.units(), 0, amount));
    return new LeasedLimits(
        store, LimitSettings.DEFAULT, store::nanos, new BlockOrders("c", root), alerts::add);
  }

  @Test
  void busyTenant_needsFewOperations() {
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("r", 100_000, Duration.ofSeconds(1), 100_000)
            .quota("q", 100_000_000)
            .entitlements();
    int calls = 0;
    for (int milli = 0; milli < 10_000; milli++) {
      calls += admitted(5, entitlements);
      store.advance(1);
    }
    assertThat(calls).isEqualTo(50_000);
    assertThat(store.requests() * 1_000 / calls).isLessThanOrEqualTo(2);
  }

  @Test
  void hardQuota_isServedFromBlocksOfItsRoot() {
    List<Long> ordered = new ArrayList<>();
    QuotaRoot root =
        request -> {
          ordered.add(request.units());
          long granted =
              Math.min(
                  request.units(), 30 - ordered.stream().mapToLong(u -> u).sum() + request.units());
          return CompletableFuture.completedFuture(
              new QuotaBlock(QuotaBlock.FORMAT, request.requestId(), Math.max(0, granted), 0, 30));
        };
    limits =
        new LeasedLimits(
            store, LimitSettings.DEFAULT, store::nanos, new BlockOrders("c", root), alerts::add);
    assertThat(admitted(100, Sample.tenant("t").quota("q", 30).entitlements())).isEqualTo(30);
    assertThat(ordered).hasSizeGreaterThan(1);
  }
}
