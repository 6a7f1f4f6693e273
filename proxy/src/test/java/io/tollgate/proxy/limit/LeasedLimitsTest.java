package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.Scope;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Holding;
import io.tollgate.proxy.limit.cell.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What limits mean, on one node whose cells are at hand. */
class LeasedLimitsTest {
  private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");

  private final DirectStore store = new DirectStore(NOON.toEpochMilli());
  private final List<LimitAlert> alerts = new ArrayList<>();
  private LeasedLimits limits = limits(StoreDown.CLOSED);

  private LeasedLimits limits(StoreDown storeDown) {
    LimitSettings settings =
        new LimitSettings(
            Duration.ofMillis(250), storeDown, Duration.ofMillis(400), Duration.ofSeconds(5));
    return new LeasedLimits(store, settings, store::nanos, null, alerts::add);
  }

  private Verdict admit(Entitlements entitlements) {
    return admit(entitlements, "", Sample.ONE_CALL);
  }

  private Verdict admit(Entitlements entitlements, String key, Demand demand) {
    List<Verdict> verdicts = new ArrayList<>();
    limits.admit(new Call(Runnable::run).prepare(entitlements, key, demand), verdicts::add);
    for (int i = 0; i < 30 && verdicts.isEmpty(); i++) {
      store.advance(10);
      limits.tick();
    }
    assertThat(verdicts).hasSize(1);
    return verdicts.get(0);
  }

  private int admitted(int calls, Entitlements entitlements) {
    int admitted = 0;
    for (int i = 0; i < calls; i++) {
      Verdict verdict = admit(entitlements);
      admitted += verdict.admitted() ? 1 : 0;
      verdict.ticket().keep();
    }
    return admitted;
  }

  @Test
  void admit_withoutLimits_passes() {
    Verdict verdict = admit(Sample.tenant("t").entitlements());
    assertThat(verdict.admitted()).isTrue();
    assertThat(verdict.size()).isZero();
    assertThat(verdict.policyField()).isEmpty();
  }

  @Test
  void bucket_admitsItsBurstThenItsRate() {
    Entitlements entitlements =
        Sample.tenant("t").rate("r", 10, Duration.ofSeconds(1), 5).entitlements();
    assertThat(admitted(20, entitlements)).isEqualTo(5);
    store.advance(1_000);
    assertThat(admitted(20, entitlements)).isEqualTo(5);
    store.advance(200);
    assertThat(admitted(20, entitlements)).isEqualTo(2);
  }

  @Test
  void bucket_refusedCallSaysWhenToComeBack() {
    Entitlements entitlements =
        Sample.tenant("t").rate("r", 1, Duration.ofMinutes(1), 1).entitlements();
    assertThat(admit(entitlements).admitted()).isTrue();
    Verdict refused = admit(entitlements);
    assertThat(refused.outcome(refused.deciding())).isEqualTo(Outcome.DENIED);
    assertThat(refused.remaining(0)).isZero();
    assertThat(refused.resetSeconds(0)).isEqualTo(60);
  }

  @Test
  void refusedCall_costsNothingOnTheOtherLimits() {
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("r", 1, Duration.ofDays(1), 3)
            .quota("q", 100)
            .permits("p", 2, Duration.ofMinutes(1))
            .entitlements();
    assertThat(admitted(50, entitlements)).isEqualTo(3);
    for (int i = 0; i < 4; i++) {
      store.advance(2_000);
      limits.sweep();
      limits.tick();
    }
    CounterState quota = store.counter("t", "q");
    assertThat(quota.holdings().get(0).settled()).isEqualTo(3);
    assertThat(quota.holdings().get(0).outstanding()).isZero();
  }

  @Test
  void quota_beginsAnewInTheNextWindow() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    assertThat(admitted(20, entitlements)).isEqualTo(10);
    Verdict refused = admit(entitlements);
    assertThat(refused.resetSeconds(0)).isEqualTo(Duration.ofDays(20).plusHours(12).toSeconds());
    store.advance(Duration.ofDays(20).plusHours(12).toMillis());
    assertThat(admitted(20, entitlements)).isEqualTo(10);
  }

  @Test
  void quota_ofAFrozenTenantFollowsItsTestClock() {
    Instant march = Instant.parse("2026-03-08T00:00:00Z");
    Sample sample = Sample.tenant("t").quota("q", 10).frozenAt(march);
    Entitlements frozen = sample.entitlements();
    assertThat(admitted(20, frozen)).isEqualTo(10);
    store.advance(Duration.ofDays(60).toMillis());
    assertThat(admitted(20, frozen)).isZero();
    Entitlements april =
        sample.version(2).frozenAt(Instant.parse("2026-04-01T00:00:00Z")).entitlements();
    assertThat(admitted(20, april)).isEqualTo(10);
  }

  @Test
  void raisedQuota_countsAtOnceAndKeepsWhatWasUsed() {
    assertThat(admitted(50, Sample.tenant("t").quota("q", 10).entitlements())).isEqualTo(10);
    Entitlements raised = Sample.tenant("t").version(2).quota("q", 25).entitlements();
    assertThat(admitted(50, raised)).isEqualTo(15);
    Entitlements lowered = Sample.tenant("t").version(3).quota("q", 5).entitlements();
    assertThat(admitted(50, lowered)).isZero();
    assertThat(admit(lowered).remaining(0)).isZero();
    Entitlements again = Sample.tenant("t").version(4).quota("q", 30).entitlements();
    assertThat(admitted(50, again)).isEqualTo(5);
  }

  @Test
  void raisedQuota_countsAtOnce_whileARefusalIsOnItsWay() {
    Entitlements small = Sample.tenant("t").quota("q", 10).entitlements();
    assertThat(admitted(10, small)).isEqualTo(10);
    store.advance(1_000);
    List<Verdict> verdicts = new ArrayList<>();
    store.hold();
    limits.admit(new Call(Runnable::run).prepare(small, "", Sample.ONE_CALL), verdicts::add);
    limits.changed(Sample.tenant("t").version(2).quota("q", 25).entitlements());
    store.release();
    assertThat(verdicts).singleElement().matches(Verdict::admitted);
  }

  @Test
  void raisedRate_countsAtOnceAndPastRefusalsDoNot() {
    Duration day = Duration.ofDays(1);
    assertThat(admitted(500, Sample.tenant("t").rate("r", 1, day, 10).entitlements()))
        .isEqualTo(10);
    Entitlements boosted = Sample.tenant("t").version(2).rate("r", 10, day, 100).entitlements();
    assertThat(admitted(500, boosted)).isEqualTo(90);
  }

  @Test
  void quotaByKey_countsEachKey() {
    Entitlements entitlements = Sample.tenant("t").quotaByKey("q", 2).entitlements();
    for (String key : List.of("k1", "k2")) {
      assertThat(admit(entitlements, key, Sample.ONE_CALL).admitted()).isTrue();
      assertThat(admit(entitlements, key, Sample.ONE_CALL).admitted()).isTrue();
      assertThat(admit(entitlements, key, Sample.ONE_CALL).admitted()).isFalse();
    }
  }

  @Test
  void overLimit_warnAndBillAdmitAndSaySo() {
    for (Behavior behavior : List.of(Behavior.WARN, Behavior.BILL)) {
      Entitlements entitlements =
          Sample.tenant(behavior.name())
              .quota("q", 5, Sample.over(behavior, 0, 0), false)
              .entitlements();
      assertThat(admitted(5, entitlements)).isEqualTo(5);
      Verdict over = admit(entitlements);
      assertThat(over.admitted()).isTrue();
      assertThat(over.outcome(0)).isEqualTo(Outcome.WARNED);
      assertThat(over.billed(0)).isEqualTo(behavior == Behavior.BILL);
      assertThat(over.remaining(0)).isZero();
    }
  }

  @Test
  void overLimit_allowOnlyCounts() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 5, Sample.over(Behavior.ALLOW, 0, 0), false).entitlements();
    assertThat(admitted(20, entitlements)).isEqualTo(20);
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.ADMITTED);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 100);
  }

  @Test
  void shadow_admitsAndSaysThatItWouldRefuse() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 5, Sample.over(Behavior.DENY, 0, 0), true).entitlements();
    assertThat(admitted(5, entitlements)).isEqualTo(5);
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.SHADOW_DENIED);
  }

  @Test
  void buffer_warnsThenRefuses() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 100, Sample.over(Behavior.DENY, 5, 0), false).entitlements();
    assertThat(admitted(100, entitlements)).isEqualTo(100);
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.WARNED);
    assertThat(admitted(50, entitlements)).isEqualTo(4);
  }

  @Test
  void grace_warnsForItsDaysThenRefuses() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 10, Sample.over(Behavior.DENY, 0, 7), false).entitlements();
    assertThat(admitted(10, entitlements)).isEqualTo(10);
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.WARNED);
    store.advance(Duration.ofDays(6).toMillis());
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.WARNED);
    store.advance(Duration.ofDays(1).toMillis());
    limits.sweep();
    assertThat(admit(entitlements).admitted()).isFalse();
  }

  @Test
  void bufferAndGrace_letTheBufferPass_forTheGraceDaysOnly() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 100, Sample.over(Behavior.DENY, 5, 7), false).entitlements();
    assertThat(admitted(100, entitlements)).isEqualTo(100);
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.WARNED);
    assertThat(admitted(50, entitlements)).as("the buffer bounds the grace").isEqualTo(4);
    Entitlements raised =
        Sample.tenant("t")
            .version(2)
            .quota("q", 104, Sample.over(Behavior.DENY, 5, 7), false)
            .entitlements();
    store.advance(Duration.ofDays(6).toMillis());
    assertThat(admitted(2, raised)).isEqualTo(2);
    store.advance(Duration.ofDays(1).toMillis());
    limits.sweep();
    assertThat(admitted(2, raised)).as("room in the buffer, but its days are over").isZero();
  }

  @Test
  void alerts_areAnnouncedOnceAndAgainInTheNextWindow() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 20).entitlements();
    assertThat(admitted(40, entitlements)).isEqualTo(20);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 90, 95, 100);
    alerts.clear();
    store.advance(Duration.ofDays(21).toMillis());
    assertThat(admitted(40, entitlements)).isEqualTo(20);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 90, 95, 100);
  }

  @Test
  void alerts_areAnnouncedUntilTheControlPlaneHasThem() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    assertThat(admitted(8, entitlements)).isEqualTo(8);
    pass(12);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80);
    // The node dies before anybody has heard of it: the next one is told again.
    store.begin(2);
    limits = limits(StoreDown.CLOSED);
    assertThat(admitted(1, entitlements)).isEqualTo(1);
    pass(12);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 80, 90);
    alerts.stream().distinct().forEach(limits::known);
    limits.tick();
    store.begin(3);
    limits = limits(StoreDown.CLOSED);
    alerts.clear();
    assertThat(admitted(10, entitlements)).isEqualTo(1);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(95, 100);
  }

  @Test
  void alerts_passedBeforeARaise_areNotAnnouncedAgainInTheWindow() {
    assertThat(admitted(9, Sample.tenant("t").quota("q", 10).entitlements())).isEqualTo(9);
    pass(12);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 90);
    alerts.forEach(limits::known);
    alerts.clear();
    Entitlements raised = Sample.tenant("t").version(2).quota("q", 20).entitlements();
    assertThat(admitted(10, raised)).as("95 %% of what it is now").isEqualTo(10);
    pass(12);
    assertThat(alerts)
        .singleElement()
        .isEqualTo(new LimitAlert("t", "q", "", 95, 19, 20, alerts.get(0).windowStartMillis()));
    Entitlements lowered = Sample.tenant("t").version(3).quota("q", 19).entitlements();
    assertThat(admitted(9, lowered)).isZero();
    pass(12);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(95, 100);
  }

  @Test
  void alerts_notArrivedBeforeARaise_areToldUntilTheyAre() {
    assertThat(admitted(8, Sample.tenant("t").quota("q", 10).entitlements())).isEqualTo(8);
    pass(12);
    alerts.clear();
    // The node dies with the alert it was to pass on.
    store.begin(2);
    limits = limits(StoreDown.CLOSED);
    Entitlements raised = Sample.tenant("t").version(2).quota("q", 100).entitlements();
    assertThat(admitted(1, raised)).isEqualTo(1);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80);
  }

  @Test
  void passing_isAnnouncedOnce() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 5, Sample.over(Behavior.WARN, 0, 0), false).entitlements();
    assertThat(admitted(5, entitlements)).isEqualTo(5);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 100);
    assertThat(admitted(9, entitlements)).isEqualTo(9);
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 100, LimitAlert.OVER);
  }

  @Test
  void refund_givesUnitsAndPermitsBack() {
    Entitlements entitlements =
        Sample.tenant("t").quota("q", 1).permits("p", 1, Duration.ofMinutes(1)).entitlements();
    Verdict first = admit(entitlements);
    assertThat(admit(entitlements).admitted()).isFalse();
    first.ticket().refund();
    first.ticket().refund();
    store.advance(1_000);
    assertThat(admit(entitlements).admitted()).isTrue();
    store.advance(1_000);
    assertThat(admit(entitlements).admitted()).isFalse();
  }

  @Test
  void permits_areHeldUntilTheCallEnds() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 2, Duration.ofMinutes(1)).entitlements();
    Verdict first = admit(entitlements);
    Verdict second = admit(entitlements);
    assertThat(second.admitted()).isTrue();
    Verdict third = admit(entitlements);
    assertThat(third.kind(third.deciding())).isEqualTo(Kind.CONCURRENCY);
    first.ticket().keep();
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void books_balanceThroughGrantsReturnsForfeitsAndWindows() {
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("r", 1_000, Duration.ofSeconds(1), 1_000)
            .quota("q", 10_000)
            .permits("p", 3, Duration.ofSeconds(20))
            .entitlements();
    for (int node = 2; node < 6; node++) {
      admitted(200, entitlements);
      admit(entitlements).ticket().refund();
      pass(node * 4);
      admitted(100, entitlements);
      // It dies with what it holds.
      store.begin(node);
      limits = limits(StoreDown.CLOSED);
    }
    admitted(50, entitlements);
    balanced();
    assertThat(store.figures().forfeited()).isPositive();
    assertThat(store.figures().returned()).isPositive();
    store.advance(Duration.ofDays(40).toMillis());
    admitted(50, entitlements);
    pass(30);
    balanced();
  }

  private void balanced() {
    CellFigures books = store.figures();
    assertThat(books.granted()).isPositive();
    assertThat(books.granted())
        .isEqualTo(books.settled() + books.returned() + books.forfeited() + books.outstanding());
    assertThat(books.outstanding()).isGreaterThanOrEqualTo(limits.outstanding());
  }

  @Test
  void permit_ofADeadNode_comesBackAfterItsTime() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofSeconds(20)).entitlements();
    assertThat(admit(entitlements).admitted()).isTrue();
    store.begin(2);
    limits = limits(StoreDown.CLOSED);
    pass(19);
    assertThat(admit(entitlements).admitted()).isFalse();
    pass(5);
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void scope_ofARouteGroupOrFeature_countsOnlyItsCalls() {
    Entitlements entitlements =
        Sample.tenant("t")
            .quota("exports", 1, new Scope(Scope.Kind.ROUTE_GROUP, "exports"))
            .quota("pdf", 1, new Scope(Scope.Kind.FEATURE, "pdf"))
            .quota("all", 5)
            .entitlements();
    Demand export = new Demand("exports", null, Map.of("calls", 1L));
    Demand pdf = new Demand("", "pdf", Map.of("calls", 1L));
    Demand pdfExport = new Demand("exports", "pdf", Map.of("calls", 1L));
    assertThat(admit(entitlements, "", export).admitted()).isTrue();
    Verdict spent = admit(entitlements, "", pdfExport);
    assertThat(spent.name(spent.deciding())).isEqualTo("exports");
    assertThat(admit(entitlements, "", pdf).admitted()).as("the refusal took nothing").isTrue();
    assertThat(admit(entitlements, "", pdf).admitted()).isFalse();
    assertThat(admitted(9, entitlements)).as("of the tenant's own").isEqualTo(3);
  }

  @Test
  void lifetimeQuota_neverBeginsAnew() {
    Entitlements entitlements = Sample.tenant("t").quotaByKey("q", 2).entitlements();
    assertThat(admitted(5, entitlements)).isEqualTo(2);
    store.advance(Duration.ofDays(3 * 366).toMillis());
    assertThat(admitted(5, entitlements)).isZero();
    assertThat(admit(entitlements).resetSeconds(0)).isEqualTo(-1);
  }

  @Test
  void weight_isTakenWhole_orNotAtAll() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    Demand four = new Demand("", null, Map.of("calls", 4L));
    assertThat(admit(entitlements, "", four).admitted()).isTrue();
    assertThat(admit(entitlements, "", four).admitted()).isTrue();
    assertThat(admit(entitlements, "", four).admitted()).isFalse();
    assertThat(admitted(5, entitlements)).as("what is left for lighter calls").isEqualTo(2);
  }

  @Test
  void bandwidth_beyondTheBucketIsWorkedOff_beforeTheNextCall() {
    Entitlements entitlements =
        Sample.tenant("t").rate("bytes", 1_000, Duration.ofSeconds(1), 2_000).entitlements();
    Verdict large = admit(entitlements);
    assertThat(large.ticket().settle("calls", 3_500)).isFalse();
    large.ticket().keep();
    limits.tick();
    store.advance(1_400);
    assertThat(admit(entitlements).admitted()).isFalse();
    store.advance(200);
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_ofACallThatNeverEnds_comesBackAfterItsTime() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofSeconds(20)).entitlements();
    Verdict leaked = admit(entitlements);
    pass(19);
    assertThat(admit(entitlements).admitted()).isFalse();
    pass(2);
    Verdict next = admit(entitlements);
    assertThat(next.admitted()).isTrue();
    assertThat(limits.figures().lapsedPermits()).isEqualTo(1);
    leaked.ticket().keep();
    assertThat(admit(entitlements).admitted()).as("it came back once").isFalse();
    next.ticket().keep();
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_ofACallThatRuns_isRenewedUntilItDoesNot() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofSeconds(20)).entitlements();
    AtomicBoolean running = new AtomicBoolean(true);
    List<Verdict> stream = new ArrayList<>();
    limits.admit(
        new Call(Runnable::run, running::get).prepare(entitlements, "", Sample.ONE_CALL),
        stream::add);
    assertThat(stream).singleElement().matches(Verdict::admitted);
    pass(300);
    assertThat(admit(entitlements).admitted()).isFalse();
    running.set(false);
    pass(42);
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_takenWhileTheClusterIsAway_comesBackWithItsCall() {
    limits = limits(StoreDown.OPEN);
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofMinutes(1)).quota("q", 9).entitlements();
    admit(entitlements).ticket().keep();
    store.down(true);
    Verdict blind = admit(entitlements);
    assertThat(blind.outcome(1)).isEqualTo(Outcome.ADMITTED_BLIND);
    blind.ticket().refund();
    store.down(false);
    store.advance(1_000);
    limits.tick();
    Verdict seen = admit(entitlements);
    assertThat(seen.outcome(1)).isEqualTo(Outcome.ADMITTED);
    assertThat(seen.remaining(0)).as("what was refunded cost nothing").isEqualTo(7);
  }

  /** Seconds of housekeeping. */
  private void pass(int seconds) {
    for (int half = 0; half < 2 * seconds; half++) {
      store.advance(500);
      limits.sweep();
      limits.tick();
    }
  }

  @Test
  void settle_takesTheTruthAlsoWhereItLeavesTheLimitShort() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    Verdict verdict = admit(entitlements);
    assertThat(verdict.ticket().settle("calls", 9)).isFalse();
    verdict.ticket().keep();
    limits.tick();
    assertThat(admitted(10, entitlements)).isEqualTo(1);
  }

  @Test
  void storeDown_closedRefusesWithinTheBound() {
    store.down(true);
    long before = store.nowMillis();
    Verdict verdict = admit(Sample.tenant("t").quota("q", 10).entitlements());
    assertThat(verdict.outcome(0)).isEqualTo(Outcome.DENIED_BLIND);
    assertThat(store.nowMillis() - before).isLessThanOrEqualTo(260);
  }

  @Test
  void storeDown_openAdmitsAndCountsAfterwards() {
    limits = limits(StoreDown.OPEN);
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    store.down(true);
    assertThat(admit(entitlements).outcome(0)).isEqualTo(Outcome.ADMITTED_BLIND);
    assertThat(admitted(3, entitlements)).isEqualTo(3);
    store.down(false);
    store.advance(1_000);
    limits.tick();
    limits.tick();
    assertThat(admitted(20, entitlements)).isEqualTo(6);
  }

  @Test
  void storeDown_ofThePlanGoesBeforeTheNodes() {
    store.down(true);
    assertThat(admit(Sample.tenant("c").quota("q", 10).entitlements()).admitted()).isFalse();
    Entitlements open = Sample.tenant("o").quota("q", 10).storeDown(StoreDown.OPEN).entitlements();
    assertThat(admit(open).outcome(0)).isEqualTo(Outcome.ADMITTED_BLIND);
    limits = limits(StoreDown.OPEN);
    Entitlements closed =
        Sample.tenant("x").quota("q", 10).storeDown(StoreDown.CLOSED).entitlements();
    assertThat(admit(closed).outcome(0)).isEqualTo(Outcome.DENIED_BLIND);
  }

  @Test
  void storeDown_fairShareIsTheRateOfOneNode() {
    limits = limits(StoreDown.FAIR_SHARE);
    Entitlements entitlements =
        Sample.tenant("t").rate("r", 1, Duration.ofMinutes(1), 4).entitlements();
    store.down(true);
    assertThat(admitted(10, entitlements)).isEqualTo(4);
  }

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
    idle(300);
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

  private void idle(int seconds) {
    for (int i = 0; i < 2 * seconds; i++) {
      store.advance(500);
      limits.sweep();
      limits.tick();
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

  @Test
  void policyField_isAStructuredList() {
    Entitlements entitlements =
        Sample.tenant("t")
            .rate("burst", 100, Duration.ofMinutes(1), 10)
            .quota("monthly \"x\"", 1000)
            .permits("p", 3, Duration.ofMinutes(1))
            .entitlements();
    assertThat(admit(entitlements).policyField())
        .isEqualTo(
            "\"burst\";q=100;w=60, \"monthly \\\"x\\\"\";q=1000;w=2592000,"
                + " \"p\";q=3;qu=\"concurrent-requests\"");
  }

  @Test
  void idleTenant_isForgotten() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    assertThat(admitted(1, entitlements)).isEqualTo(1);
    store.advance(120_000);
    limits.sweep();
    limits.sweep();
    assertThat(limits.tenants()).isZero();
    assertThat(admitted(20, entitlements)).isEqualTo(9);
  }
}
