package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.StoreDown;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Beyond a limit: what its policy lets pass, and who is told. */
class OverLimitTest extends OneNode {
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
}
