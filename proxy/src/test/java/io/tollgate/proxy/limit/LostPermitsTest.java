package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.Scope;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.Holding;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Permits whose cells are lost while nodes still hold them. */
class LostPermitsTest {
  private static final Demand IN_GROUP = new Demand("g", null, Map.of("calls", 1L));
  private static final Entitlements TENANT =
      Sample.tenant("t")
          .quota("q", 1_000)
          .permits("p", 3, Duration.ofMinutes(1), new Scope(Scope.Kind.ROUTE_GROUP, "g"))
          .entitlements();

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final LeasedLimits holder = limits(store);
  private final LeasedLimits other = limits(new Other());
  private final List<Verdict> held = new ArrayList<>();

  /** Another node on the same cells. */
  private final class Other extends NamedStore {
    Other() {
      super("m", 9, 2);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      store.lease(request, answer);
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      holder.giveBack(tenant, counters, done);
    }
  }

  private LeasedLimits limits(LimitStore at) {
    return new LeasedLimits(at, LimitSettings.DEFAULT, store::nanos, null, alert -> {});
  }

  private Verdict admit(LeasedLimits at, Demand demand) {
    List<Verdict> verdicts = new ArrayList<>();
    at.admit(new Call(Runnable::run).prepare(TENANT, "", demand), verdicts::add);
    for (int i = 0; i < 200 && verdicts.isEmpty(); i++) {
      store.advance(10);
      at.tick();
    }
    assertThat(verdicts).hasSize(1);
    return verdicts.get(0);
  }

  @BeforeEach
  void hold() {
    for (int i = 0; i < 3; i++) {
      held.add(admit(holder, IN_GROUP));
    }
    assertThat(held).allMatch(Verdict::admitted);
    store.lose();
  }

  @Test
  void permits_ofLostCells_areNotGrantedAgain_onceTheirNodeHasSaidThatItHoldsThem() {
    holder.cellsLost();
    assertThat(admit(other, IN_GROUP).admitted()).isFalse();
    held.remove(0).ticket().keep();
    store.advance(1_000);
    assertThat(admit(other, IN_GROUP).admitted()).as("one came back").isTrue();
  }

  @Test
  void permits_areLearnedOf_alsoWhereTheNodeHasSpokenOfOtherLimitsBefore() {
    assertThat(admit(holder, Sample.ONE_CALL).admitted()).isTrue();
    holder.cellsLost();
    assertThat(admit(other, IN_GROUP).admitted()).isFalse();
  }

  @Test
  void permits_whileTheCellsLearn_areNotKnown_ratherThanFree() {
    store.learning(true);
    Verdict verdict = admit(other, IN_GROUP);
    assertThat(verdict.admitted()).isFalse();
    assertThat(verdict.outcome(verdict.deciding())).isEqualTo(Outcome.DENIED_BLIND);
    assertThat(admit(other, Sample.ONE_CALL).admitted()).as("quotas go on").isTrue();
    holder.cellsLost();
    store.learning(false);
    store.advance(1_000);
    verdict = admit(other, IN_GROUP);
    assertThat(verdict.outcome(verdict.deciding())).isEqualTo(Outcome.DENIED);
    held.forEach(call -> call.ticket().keep());
    store.advance(1_000);
    assertThat(admit(other, IN_GROUP).admitted()).isTrue();
  }

  @Test
  void learnedPermits_ofANodeThatDies_comeBackAfterTheirTime() {
    holder.cellsLost();
    assertThat(admit(other, IN_GROUP).admitted()).isFalse();
    store.advance(Duration.ofSeconds(121).toMillis());
    assertThat(admit(other, IN_GROUP).admitted()).isTrue();
  }

  /** What is stated for cells whose owner does not know that others were lost. */
  @Test
  void permits_ofLostCellsNobodyKnowsOf_areAtMostDoubled_untilTheNextRenewal() {
    int again = 0;
    for (int i = 0; i < 10; i++) {
      again += admit(other, IN_GROUP).admitted() ? 1 : 0;
    }
    assertThat(again).isEqualTo(3);
    store.advance(Duration.ofSeconds(21).toMillis());
    holder.sweep();
    assertThat(store.counter("t", "p").holdings())
        .filteredOn(holding -> holding.node().equals("n"))
        .extracting(Holding::outstanding)
        .containsExactly(3L);
  }
}
