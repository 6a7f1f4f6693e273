package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.limit.LimitAlert;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.LimitView;
import io.tollgate.proxy.limit.QuotaRoot;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.limit.Ticket;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.limit.cell.CellAccount;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two members in one JVM: the cluster path as it is, without the crash. */
class LimitClusterTest {
  private final Queue<LimitAlert> alerts = new ConcurrentLinkedQueue<>();

  @Test
  void twoMembers_admitTheQuotaExactly() throws Exception {
    try (Two members = new Two()) {
      LimitCluster a = members.a;
      LimitCluster b = members.b;
      assertThat(b.members()).isEqualTo(2);
      Entitlements entitlements = Sample.tenant("t").quota("q", 100).entitlements();
      int admitted = 0;
      for (int i = 0; i < 150; i++) {
        admitted += admit(i % 2 == 0 ? a : b, entitlements) ? 1 : 0;
      }
      assertThat(admitted).isEqualTo(100);
      CellAccount books = a.accounts("t").toCompletableFuture().get(30, TimeUnit.SECONDS).get(0);
      assertThat(books.granted() - books.returned()).isEqualTo(100);
      assertThat(books.granted())
          .isEqualTo(books.settled() + books.returned() + books.forfeited() + books.outstanding());
      assertThat(a.limits().explain("t")).hasSize(1).allMatch(LimitView::refusing);
    }
    assertThat(alerts).extracting(LimitAlert::percent).containsOnly(80, 90, 95, 100);
  }

  /** Whoever lacks them gets them back before anybody is refused: nothing is in flight. */
  @Test
  void permitsThatLieIdleOnOneMember_areTheOthersAtOnce() throws Exception {
    try (Two members = new Two()) {
      LimitCluster a = members.a;
      LimitCluster b = members.b;
      warm(a);
      warm(b);
      Entitlements three =
          Sample.tenant("three").permits("c", 3, Duration.ofMinutes(10)).entitlements();
      List<Ticket> tickets = List.of(take(a, three), take(a, three), take(a, three));
      tickets.forEach(Ticket::keep);
      assertThat(admit(b, three)).isTrue();
      Entitlements one =
          Sample.tenant("one").permits("c", 1, Duration.ofMinutes(10)).entitlements();
      for (int i = 0; i < 6; i++) {
        assertThat(admit(i % 2 == 0 ? a : b, one)).as("call %d", i).isTrue();
      }
    }
  }

  /** One node's spent unit is the other's refill, though nobody asks that node any more. */
  @Test
  void callerThatWaitsAsTold_isAdmittedByTheOtherMember() throws Exception {
    try (Two members = new Two()) {
      LimitCluster a = members.a;
      LimitCluster b = members.b;
      warm(a);
      warm(b);
      Entitlements tenant =
          Sample.tenant("slow").rate("r", 1, Duration.ofSeconds(1), 1).entitlements();
      assertThat(admit(a, tenant)).isTrue();
      int again = 0;
      for (LimitCluster next : List.of(b, a, b, a)) {
        Thread.sleep(1_000 * Math.max(1, refusedFor(next, tenant)) + 100);
        again += admit(next, tenant) ? 0 : 1;
      }
      // On a busy machine a message may be late; without the report it is each time.
      assertThat(again).as("refused again of 4").isLessThanOrEqualTo(2);
    }
  }

  /** Seconds until it is worth trying again; 0 where it was admitted. */
  private static long refusedFor(LimitCluster cluster, Entitlements entitlements) throws Exception {
    Verdict decided = LimitClientTest.ask(cluster, entitlements).join();
    decided.ticket().keep();
    return decided.admitted() ? 0 : decided.resetSeconds(0);
  }

  /** Until the cluster answers within the bound. */
  private static void warm(LimitCluster cluster) throws Exception {
    Entitlements other =
        Sample.tenant("warm").rate("r", 1_000, Duration.ofSeconds(1), 1_000).entitlements();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!admit(cluster, other) && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  private static Ticket take(LimitCluster cluster, Entitlements entitlements) {
    Verdict decided = LimitClientTest.ask(cluster, entitlements).join();
    assertThat(decided.admitted()).isTrue();
    return decided.ticket();
  }

  static boolean admit(LimitCluster cluster, Entitlements entitlements) throws Exception {
    Verdict decided = LimitClientTest.ask(cluster, entitlements).join();
    decided.ticket().keep();
    return decided.admitted();
  }

  /** Two members of a cluster of their own. */
  private final class Two implements AutoCloseable {
    private final LimitCluster a;
    private final LimitCluster b;

    Two() throws IOException {
      int first = FreePorts.one();
      int second = FreePorts.one();
      List<String> members = List.of("127.0.0.1:" + first, "127.0.0.1:" + second);
      a = join("a", first, members, alerts::add);
      b = join("b", second, members, alerts::add);
    }

    @Override
    public void close() {
      b.close();
      a.close();
    }
  }

  static LimitCluster join(
      String node, int port, List<String> members, Consumer<LimitAlert> alerts) {
    return join(node, port, members, null, alerts);
  }

  /** One whose hard quotas have a root, or none. */
  static LimitCluster join(
      String node,
      int port,
      List<String> members,
      @Nullable QuotaRoot root,
      Consumer<LimitAlert> alerts) {
    return LimitCluster.join(
        new ClusterSettings(
            "test-" + members.hashCode(), node, "127.0.0.1", port, members, Duration.ofSeconds(2)),
        // A cold cluster on a busy machine takes its time; what is tested is what it says.
        new LimitSettings(
            Duration.ofSeconds(10),
            StoreDown.CLOSED,
            Duration.ofMillis(400),
            Duration.ofSeconds(10)),
        root,
        alerts);
  }
}
