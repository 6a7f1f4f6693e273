package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Keys, and tenants, that called once and never again cost nothing after some minutes, on the node
 * and in the cells: the heap of a JVM of their own is what it was. {@code -Pnightly} with a
 * million.
 */
class IdleKeysTest {
  private static final int KEYS = Integer.getInteger("tollgate.keys", 100_000);

  /** A full collection leaves nothing behind for a later one. */
  private static final List<String> WHOLE =
      List.of("-Xmx2g", "-XX:MarkSweepDeadRatio=0", "-XX:MarkSweepAlwaysCompactCount=1");

  @Test
  void keysThatCalledOnceThenIdle_leaveTheHeapAsItWas() throws Exception {
    leaveTheHeapAsItWas("keys", KEYS);
  }

  @Test
  void tenantsThatCalledOnceThenIdle_leaveTheHeapAsItWas() throws Exception {
    leaveTheHeapAsItWas("tenants", KEYS / 4);
  }

  private static void leaveTheHeapAsItWas(String what, int count) throws Exception {
    List<Long> said =
        TestJvm.run(IdleKeys.class, WHOLE, List.of(what, Integer.toString(count))).stream()
            .map(Long::valueOf)
            .toList();
    assertThat(said).hasSize(5);
    long before = said.get(0);
    long full = said.get(1);
    long after = said.get(2);
    assertThat(full - before).as("bytes while they are remembered").isGreaterThan(count * 200L);
    // What stays is the tables of maps that grew for them: some 30 bytes for each at most.
    assertThat(after - before)
        .as("bytes that stayed of %d", full - before)
        .isLessThan((full - before) / 40 + (512 << 10));
    assertThat(said.get(3)).as("tenants known to the node besides the busy ones").isZero();
    assertThat(said.get(4)).as("counters in the cells besides the busy ones").isZero();
  }
}
