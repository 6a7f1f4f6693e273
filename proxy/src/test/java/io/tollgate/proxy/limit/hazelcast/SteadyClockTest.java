package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SteadyClockTest {
  private static final long START = 1_700_000_000_000L;

  private long nanos;
  private long cluster = START;
  private final SteadyClock clock = new SteadyClock(() -> nanos, () -> cluster);

  @Test
  void millis_clusterGoesEvenly_isTheCluster() {
    after(1, 1);
    assertThat(clock.millis()).isEqualTo(START + 1);
    after(60_000, 60_000);
    assertThat(clock.millis()).isEqualTo(START + 60_001);
  }

  /** What a member that was stopped for two seconds hears first, and a second later. */
  @Test
  void millis_clusterJumpsBackAndForth_goesOn() {
    after(2_500, 500);
    assertThat(clock.millis()).isBetween(START + 2_497, START + 2_500);
    after(1_000, 1_000);
    assertThat(clock.millis()).isBetween(START + 3_496, START + 3_500);
    after(1, 2_001);
    assertThat(clock.millis()).isBetween(START + 3_497, START + 3_501);
  }

  @Test
  void millis_clusterIsSetForward_followsByOnePartIn1024() {
    after(1_024, 1_024 + 3_600_000);
    assertThat(clock.millis()).isEqualTo(START + 1_025);
    after(1_024_000, 1_024_000);
    assertThat(clock.millis()).isEqualTo(START + 1_025 + 1_025_000);
  }

  @Test
  void millis_clusterIsSetBack_neverGoesBack() {
    long before = clock.millis();
    for (int i = 0; i < 10_000; i++) {
      after(1, i == 0 ? -3_600_000 : 1);
      long now = clock.millis();
      assertThat(now).isGreaterThanOrEqualTo(before);
      before = now;
    }
    assertThat(before).isBetween(START + 9_989, START + 10_000);
  }

  private void after(long millis, long clusterMillis) {
    nanos += millis * 1_000_000;
    cluster += clusterMillis;
  }
}
