package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.Scope;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.cell.CounterState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What limits mean, on one node whose cells are at hand. */
class LeasedLimitsTest extends OneNode {
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
  void settle_takesTheTruthAlsoWhereItLeavesTheLimitShort() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 10).entitlements();
    Verdict verdict = admit(entitlements);
    assertThat(verdict.ticket().settle("calls", 9)).isFalse();
    verdict.ticket().keep();
    limits.tick();
    assertThat(admitted(10, entitlements)).isEqualTo(1);
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
