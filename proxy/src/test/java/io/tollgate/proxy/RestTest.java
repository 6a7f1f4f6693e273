package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RestTest {
  private static final long KEPT = 20 << 20;

  private boolean busy;
  private long calls;
  private long old = KEPT + Rest.WORTH_BYTES;
  private int collections;

  private final Rest rest =
      new Rest(
          () -> busy,
          () -> calls,
          () -> old,
          () -> {
            collections++;
            old = KEPT;
          });

  @Test
  void look_whileCallsComeOrRun_collectsNothing() {
    for (int i = 0; i < 5; i++) {
      calls++;
      rest.look();
    }
    busy = true;
    rest.look();
    rest.look();
    assertThat(collections).isZero();
    busy = false;
    rest.look();
    assertThat(collections).isEqualTo(1);
  }

  @Test
  void look_atRest_collectsOnceAfterEachRushThatLeftEnough() {
    rest.look();
    rest.look();
    rest.look();
    assertThat(collections).isEqualTo(1);
    old = KEPT + Rest.WORTH_BYTES;
    rest.look();
    assertThat(collections).as("not worth it").isEqualTo(1);
    old++;
    rest.look();
    rest.look();
    assertThat(collections).isEqualTo(2);
  }
}
