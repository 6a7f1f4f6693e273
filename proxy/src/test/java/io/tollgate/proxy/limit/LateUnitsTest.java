package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Units that come late: granted before a limit was lowered, returned after they were refilled. */
class LateUnitsTest {
  private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");
  private final DirectStore store = new DirectStore(NOON.toEpochMilli());
  private final List<LimitAlert> alerts = new ArrayList<>();
  private LeasedLimits limits =
      new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, alerts::add);
  private final LeasedLimits other =
      new LeasedLimits(new Other(), LimitSettings.DEFAULT, store::nanos, null, alerts::add);

  private final class Other extends NamedStore {
    Other() {
      super("m", 99, 1);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      store.lease(request, answer);
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      done.run();
    }
  }

  private LeasedLimits rooted(GraceRoot root) {
    return new LeasedLimits(
        store, LimitSettings.DEFAULT, store::nanos, new BlockOrders("c", root::order), alerts::add);
  }

  private boolean admit(LeasedLimits at, Entitlements e) {
    List<Verdict> v = new ArrayList<>();
    at.admit(new Call(Runnable::run).prepare(e, "", Sample.ONE_CALL), v::add);
    for (int i = 0; i < 100 && v.isEmpty(); i++) {
      store.advance(1);
      at.tick();
    }
    v.get(0).ticket().keep();
    return v.get(0).admitted();
  }

  private int admitted(LeasedLimits at, int calls, Entitlements e) {
    int n = 0;
    for (int i = 0; i < calls; i++) {
      n += admit(at, e) ? 1 : 0;
    }
    return n;
  }

  private void idle(int seconds) {
    for (int i = 0; i < 2 * seconds; i++) {
      store.advance(500);
      limits.sweep();
      limits.tick();
      other.sweep();
      other.tick();
    }
  }

  private int rateReturnedLate(int idleSeconds, boolean paused) {
    Entitlements e =
        Sample.tenant("t").rate("r", 1000, Duration.ofSeconds(1), 10_000).entitlements();
    for (int i = 0; i < 3_000; i++) {
      assertThat(admit(limits, e)).isTrue();
      store.advance(10);
    }
    if (paused) {
      store.advance(idleSeconds * 1000L);
    } else {
      idle(idleSeconds);
    }
    long at = store.nowMillis();
    int passed = 0;
    for (int i = 0; i < 20_000 && admit(other, e); i++) {
      passed++;
    }
    for (int i = 0; i < 20_000 && admit(limits, e); i++) {
      passed++;
    }
    long took = store.nowMillis() - at;
    return (int) (passed - 10_000 - took);
  }

  @Test
  void rate_ofANodeThatWasQuiet_isNotGivenTwice() {
    assertThat(rateReturnedLate(140, false)).isLessThanOrEqualTo(1);
  }

  @Test
  void rate_ofANodeThatStood_isNotGivenTwice() {
    assertThat(rateReturnedLate(200, true)).isLessThanOrEqualTo(1);
  }

  @Test
  void loweredQuota_whileAGrantIsOnItsWay_isInForceAtOnce() {
    Entitlements big = Sample.tenant("t").quota("q", 1_000_000).entitlements();
    for (int i = 0; i < 2_000; i++) {
      admit(limits, big);
      store.advance(10);
    }
    // spend the lease until a call waits
    store.hold();
    List<Verdict> v = new ArrayList<>();
    while (limits.outstanding() > 0) {
      limits.admit(new Call(Runnable::run).prepare(big, "", Sample.ONE_CALL), v::add);
    }
    limits.admit(new Call(Runnable::run).prepare(big, "", Sample.ONE_CALL), v::add);
    Entitlements small = Sample.tenant("t").version(2).quota("q", 100).entitlements();
    limits.changed(small);
    store.release();
    int after = 0;
    for (int i = 0; i < 30_000; i++) {
      after += admit(limits, small) ? 1 : 0;
      store.advance(1);
      if (i % 500 == 0) {
        limits.sweep();
        limits.tick();
      }
    }
    assertThat(after).isZero();
  }

  @Test
  void quotaAfterGrace_ofCellsThatWereLost_isSpent() {
    GraceRoot root = new GraceRoot(store, 1_000);
    root.graceDays = 1;
    Entitlements e =
        Sample.tenant("t")
            .quota("q", 1_000, Sample.over(Behavior.DENY, 0, 1), false)
            .entitlements();
    limits = rooted(root);
    int n = 0;
    for (int i = 0; i < 1_010; i++) {
      n += admit(limits, e) ? 1 : 0;
      store.advance(50);
    }
    assertThat(n).isEqualTo(1_010);
    store.restart();
    limits = rooted(root);
    for (int i = 0; i < 40; i++) {
      admit(limits, e);
      store.advance(50);
    }
    store.advance(Duration.ofDays(2).toMillis());
    limits.sweep();
    int after = admitted(limits, 1_000, e);
    assertThat(after).isZero();
  }

  @Test
  void loweredQuota_ofCellsThatWereLost_isSpent() {
    GraceRoot root = new GraceRoot(store, 100_000);
    Entitlements e = Sample.tenant("t").quota("q", 100_000).entitlements();
    limits = rooted(root);
    for (int i = 0; i < 5_000; i++) {
      admit(limits, e);
      store.advance(5);
    }
    store.restart();
    limits = rooted(root);
    for (int i = 0; i < 200; i++) {
      admit(limits, e);
      store.advance(5);
    }
    root.amount = 2_000;
    Entitlements low = Sample.tenant("t").version(2).quota("q", 2_000).entitlements();
    limits.changed(low);
    int after = admitted(limits, 5_000, low);
    assertThat(after).isZero();
  }
}
