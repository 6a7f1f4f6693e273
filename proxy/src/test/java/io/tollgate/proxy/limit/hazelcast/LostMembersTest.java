package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.limit.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dedicated cluster whose members, each a JVM of its own, are killed and started again while
 * proxies are its clients: what they hold outlives the cells that counted it.
 */
class LostMembersTest {
  private static final int MEMBERS = 3;

  /** So many that some are in any partition lost with two of three members. */
  private static final int TENANTS = 24;

  /** Nobody renews a permit within this test: only who is told of a loss says what it holds. */
  private static final Duration TTL = Duration.ofMinutes(5);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final List<Process> members = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final List<String> addresses = new ArrayList<>();
  private String cluster = "";

  @BeforeEach
  void choosePorts() throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      int port = FreePorts.one();
      ports.add(port);
      addresses.add("127.0.0.1:" + port);
    }
    cluster = "members-" + ports.get(0);
  }

  @AfterEach
  void endMembers() throws Exception {
    kill(members.size());
  }

  @Test
  void ownerKilled_backupAlive_losesNothing_andAllKilled_clientsSayWhatTheyHold() throws Exception {
    start(0);
    start(1);
    try (LimitCluster a = LimitClientTest.connect(cluster, "a", addresses, null);
        LimitCluster b = LimitClientTest.connect(cluster, "b", addresses, null)) {
      Entitlements quota = Sample.tenant("quota").quota("q", 200).entitlements();
      long used = 0;
      for (int i = 0; i < 80; i++) {
        used += LimitClientTest.admit(i % 2 == 0 ? a : b, quota).admitted() ? 1 : 0;
      }
      Map<Entitlements, Verdict> held = hold(a, 4);
      kill(1);
      used += LimitClientTest.untilSpent(a, b, quota);
      assertThat(used).as("of 200 units, one of two members killed").isEqualTo(200);
      refuseAll(b, held);

      kill(1);
      start(0);
      refuseAll(b, held);
      servesAllOnceTheyEnd(b, held);
    }
  }

  /** The clients stay with the member that is left: only the loss itself tells them. */
  @Test
  void ownersKilledWithTheirBackups_clientsSayWhatTheyHold() throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      start(i);
    }
    try (LimitCluster a = LimitClientTest.connect(cluster, "a", addresses, null);
        LimitCluster b = LimitClientTest.connect(cluster, "b", addresses, null)) {
      Map<Entitlements, Verdict> held = hold(a, TENANTS);
      kill(2);
      refuseAll(b, held);
      servesAllOnceTheyEnd(b, held);
    }
  }

  private void start(int i) throws Exception {
    members.add(
        MemberProcess.start(
            cluster, "m" + i, ports.get(i), addresses, folder.resolve("member-" + i + ".err")));
  }

  /** At once, those first that have run for longest. */
  private void kill(int many) throws Exception {
    List<Process> victims = List.copyOf(members.subList(0, many));
    members.removeAll(victims);
    victims.forEach(Process::destroyForcibly);
    for (Process victim : victims) {
      victim.waitFor();
    }
  }

  /**
   * Takes the one permit of each of some tenants, for a call that runs; a cluster that was founded
   * a moment ago does not give it before it had time to learn who holds it.
   */
  private static Map<Entitlements, Verdict> hold(LimitCluster node, int tenants) {
    Map<Entitlements, Verdict> held = new LinkedHashMap<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (int i = 0; i < tenants; i++) {
      Entitlements tenant = Sample.tenant("t" + i).permits("p", 1, TTL).entitlements();
      Verdict answer = LimitClientTest.ask(node, tenant).join();
      while (!answer.admitted()) {
        assertThat(System.nanoTime()).as(tenant.tenant()).isLessThan(deadline);
        answer = LimitClientTest.ask(node, tenant).join();
      }
      held.put(tenant, answer);
    }
    return held;
  }

  /** Until the cells of all have said that the permit is taken; nobody gets it before. */
  private static void refuseAll(LimitCluster other, Map<Entitlements, Verdict> held) {
    List<Entitlements> open = new ArrayList<>(held.keySet());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!open.isEmpty()) {
      assertThat(System.nanoTime()).as("still unknown: %d", open.size()).isLessThan(deadline);
      List<CompletableFuture<Verdict>> answers =
          open.stream().map(tenant -> LimitClientTest.ask(other, tenant)).toList();
      for (int i = open.size() - 1; i >= 0; i--) {
        Verdict answer = answers.get(i).join();
        assertThat(answer.admitted()).as(open.get(i).tenant()).isFalse();
        if (answer.outcome(answer.deciding()) == Outcome.DENIED) {
          open.remove(i);
        }
      }
    }
  }

  private static void servesAllOnceTheyEnd(LimitCluster other, Map<Entitlements, Verdict> held) {
    held.values().forEach(call -> call.ticket().keep());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Entitlements tenant : held.keySet()) {
      while (!LimitClientTest.admit(other, tenant).admitted()) {
        assertThat(System.nanoTime()).as(tenant.tenant()).isLessThan(deadline);
      }
    }
  }
}
