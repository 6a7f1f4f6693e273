package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three JVMs under load at many times the limit while one is killed, one stopped for longer than a
 * lease lives, and one started anew. What passed is counted where an upstream would count it.
 */
class KilledNodesTest {
  private final List<Process> processes = new ArrayList<>();
  private final List<ByteBuffer> counts = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  @TempDir private Path folder;

  @AfterEach
  void endAll() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void killedStoppedAndRestarted_neverAboveTheLimits() throws Exception {
    for (int i = 0; i < 3; i++) {
      ports.add(LimitClusterTest.freePort());
    }
    long began = System.nanoTime();
    Process first = start("a", 0);
    Process second = start("b", 1);
    start("c", 2);
    until(() -> sum(ClusterNode.QUOTA_COUNT) > ClusterNode.QUOTA / 4);
    second.destroyForcibly().waitFor();
    until(() -> sum(ClusterNode.QUOTA_COUNT) > ClusterNode.QUOTA / 3);
    signal(first, "STOP");
    Thread.sleep(1_600);
    signal(first, "CONT");
    start("b", 1);
    settle();
    long quota = sum(ClusterNode.QUOTA_COUNT);
    long rate = sum(ClusterNode.RATE_COUNT);
    long millis = (System.nanoTime() - began) / 1_000_000;
    assertThat(quota).isLessThanOrEqualTo(ClusterNode.QUOTA);
    // A killed node takes at most its lease along: half of a third of what was left.
    assertThat(quota).isGreaterThanOrEqualTo(ClusterNode.QUOTA * 5 / 6);
    assertThat(rate)
        .isLessThanOrEqualTo(ClusterNode.BURST + ClusterNode.RATE * millis / 1_000 + 1)
        .isGreaterThan(ClusterNode.BURST);
  }

  /** Until the quota is spent: nothing more passes for a while. */
  private void settle() throws InterruptedException {
    long before = -1;
    long now = sum(ClusterNode.QUOTA_COUNT);
    for (int i = 0; i < 20 && before != now; i++) {
      Thread.sleep(1_500);
      before = now;
      now = sum(ClusterNode.QUOTA_COUNT);
    }
  }

  private long sum(int count) {
    return counts.stream().mapToLong(node -> ClusterNode.read(node, count)).sum();
  }

  private Process start(String node, int number) throws IOException {
    Path file = folder.resolve(node + "-" + processes.size());
    counts.add(ClusterNode.map(file));
    Process process =
        MemberProcess.java(
            ClusterNode.class,
            folder.resolve(node + ".err"),
            List.of(),
            List.of(
                node,
                ports.get(number).toString(),
                String.join(",", ports.stream().map(String::valueOf).toList()),
                file.toString()));
    processes.add(process);
    return process;
  }

  private static void signal(Process process, String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor(5, TimeUnit.SECONDS)).isTrue();
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
      Thread.sleep(5);
    }
  }
}
