package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What passes while the cells do not answer. */
class StoreDownTest extends OneNode {
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
}
