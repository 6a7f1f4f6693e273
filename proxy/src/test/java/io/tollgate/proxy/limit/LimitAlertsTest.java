package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit.Behavior;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is announced, how often, and again where nobody kept it. */
class LimitAlertsTest {
  private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");

  private final DirectStore store = new DirectStore(NOON.toEpochMilli());
  private final List<LimitAlert> announced = new ArrayList<>();
  private final LeasedLimits limits =
      new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, announced::add);
  private final Entitlements tenant = Sample.tenant("t").quota("q", 100).entitlements();

  private void call(int times) {
    for (int i = 0; i < times; i++) {
      limits.admit(
          new Call(Runnable::run).prepare(tenant, "", Sample.ONE_CALL),
          verdict -> verdict.ticket().keep());
    }
  }

  private void pass(int seconds) {
    for (int second = 0; second < seconds; second++) {
      store.advance(1_000);
      limits.tick();
      limits.sweep();
    }
  }

  private List<Integer> percents() {
    return announced.stream().map(LimitAlert::percent).toList();
  }

  @Test
  void alertThatNobodyKept_isAnnouncedAgainWhenThereIsRoom_alsoOfASilentTenant() {
    call(96);
    pass(30);
    assertThat(percents()).containsExactly(80, 90, 95);
    limits.unheard(announced.get(1));
    limits.unheard(announced.get(2));
    announced.clear();
    pass(300);
    assertThat(announced).as("no room yet").isEmpty();
    limits.announceAgain(10);
    pass(2);
    assertThat(percents()).containsExactly(90, 95);
    announced.forEach(limits::known);
    limits.announceAgain(10);
    pass(100);
    assertThat(announced).as("once").hasSize(2);
  }

  @Test
  void rateThatWarns_isToldOnceAnHour() {
    Entitlements warned =
        Sample.tenant("w")
            .rate("r", 1, Duration.ofSeconds(1), 5, Sample.over(Behavior.WARN, 0, 0))
            .entitlements();
    for (int hour = 0; hour < 3; hour++) {
      for (int i = 0; i < 40; i++) {
        limits.admit(
            new Call(Runnable::run).prepare(warned, "", Sample.ONE_CALL),
            verdict -> assertThat(verdict.admitted()).isTrue());
      }
      assertThat(announced).hasSize(hour + 1);
      pass(3_600);
    }
    assertThat(announced)
        .allMatch(alert -> alert.percent() == LimitAlert.OVER && alert.limit().equals("r"))
        .extracting(LimitAlert::windowStartMillis)
        .containsExactly(
            NOON.toEpochMilli(), NOON.toEpochMilli() + 3_600_000, NOON.toEpochMilli() + 7_200_000);
  }
}
