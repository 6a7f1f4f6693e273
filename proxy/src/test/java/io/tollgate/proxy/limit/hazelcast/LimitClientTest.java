package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.QuotaRoot;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.limit.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies as clients of a dedicated cluster, whose member is a JVM of its own. */
class LimitClientTest {
  private static final Duration BOUND = Duration.ofSeconds(2);

  @TempDir private Path folder;
  private final List<Process> members = new ArrayList<>();

  @AfterEach
  void endMembers() throws Exception {
    for (Process member : members) {
      member.destroyForcibly().waitFor();
    }
  }

  @Test
  void twoClients_admitTheQuotaExactly_andOutliveTheCluster() throws Exception {
    int port = FreePorts.one();
    String name = "dedicated-" + port;
    startMember(name, port);
    try (LimitCluster a = connect(name, "a", port, null);
        LimitCluster b = connect(name, "b", port, null)) {
      admitsExactly(a, b, Sample.tenant("t").quota("q", 100).entitlements(), 100);

      // The cluster is gone: refused by policy within the bound, never a hang.
      Entitlements other = Sample.tenant("other").quota("q", 50).entitlements();
      endMembers();
      long began = System.nanoTime();
      Verdict blind = admit(a, other);
      assertThat(blind.outcome(blind.deciding())).isEqualTo(Outcome.DENIED_BLIND);
      assertThat(System.nanoTime() - began).isLessThan(BOUND.multipliedBy(10).toNanos());

      // It is there again: used without a hand.
      startMember(name, port);
      Entitlements third = Sample.tenant("third").quota("q", 50).entitlements();
      await(() -> admit(a, third).admitted());
      await(() -> admit(b, third).admitted());
      admitsExactly(a, b, third, 48);
    }
  }

  private void startMember(String cluster, int port) throws Exception {
    members.add(MemberProcess.start(cluster, "m", port, folder.resolve("member.err")));
  }

  /** What one of them leases and does not use the other gets before anybody is refused. */
  private static void admitsExactly(
      LimitCluster a, LimitCluster b, Entitlements entitlements, int expected) {
    int admitted = 0;
    for (int i = 0; i < 150; i++) {
      admitted += admit(i % 3 == 0 ? a : b, entitlements).admitted() ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(expected);
  }

  /** Calls go on at both clients while all cells are lost, twice. */
  @Test
  void wholeClusterLost_neverAboveTheQuotaOfTheRoot_norTheRateByMoreThanItsBurst()
      throws Exception {
    int port = FreePorts.one();
    String name = "lost-" + port;
    long amount = 3_000;
    long burst = 40;
    Entitlements quota = Sample.tenant("q").quota("q", amount).entitlements();
    Entitlements rate =
        Sample.tenant("r").rate("r", 100, Duration.ofSeconds(1), burst).entitlements();
    Root root = new Root(amount);
    startMember(name, port);
    try (LimitCluster a = connect(name, "a", port, root);
        LimitCluster b = connect(name, "b", port, root)) {
      long began = System.nanoTime();
      long ofQuota = 0;
      long ofRate = 0;
      long lost = 0;
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 400; i++) {
          ofQuota += admit(i % 2 == 0 ? a : b, quota).admitted() ? 1 : 0;
          ofRate += admit(i % 2 == 0 ? b : a, rate).admitted() ? 1 : 0;
        }
        if (round < 2) {
          endMembers();
          lost += root.granted() - ofQuota;
          startMember(name, port);
        }
      }
      ofQuota += untilSpent(a, b, quota);
      long millis = (System.nanoTime() - began) / 1_000_000;
      // Nobody was told that the quota is spent before the root had granted all of it; what it had
      // granted to the lost cells, and nobody used by then, is what may be gone with them.
      assertThat(root.granted()).isEqualTo(amount);
      assertThat(ofQuota).isLessThanOrEqualTo(amount).isGreaterThanOrEqualTo(amount - lost);
      assertThat(lost).as("units out in blocks when the cells were lost").isLessThan(amount);
      // One window more for each loss, as stated; what both held is not known to the new cells.
      assertThat(ofRate).isLessThanOrEqualTo(burst + 2 * burst + 100 * millis / 1_000 + 1);
    }
  }

  /** Calls until many in a row were told that nothing is left; how many passed. */
  static long untilSpent(LimitCluster a, LimitCluster b, Entitlements quota)
      throws InterruptedException {
    long passed = 0;
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    for (int spent = 0; spent < 100 && System.nanoTime() < deadline; ) {
      Verdict verdict = admit(spent % 2 == 0 ? a : b, quota);
      if (verdict.admitted()) {
        passed++;
        spent = 0;
      } else if (verdict.outcome(verdict.deciding()) == Outcome.DENIED) {
        spent++;
      } else {
        Thread.sleep(20);
      }
    }
    return passed;
  }

  /** PostgreSQL's part: exact, idempotent. */
  private static final class Root implements QuotaRoot {
    private final Map<String, QuotaBlock> blocks = new HashMap<>();
    private final long amount;
    private long granted;

    Root(long amount) {
      this.amount = amount;
    }

    synchronized long granted() {
      return granted;
    }

    @Override
    public synchronized CompletionStage<QuotaBlock> request(QuotaBlockRequest request) {
      QuotaBlock block = blocks.get(request.requestId());
      if (block == null) {
        long units = Math.min(request.units(), amount - granted);
        granted += units;
        block = new QuotaBlock(QuotaBlock.FORMAT, request.requestId(), units, granted, amount);
        blocks.put(request.requestId(), block);
      }
      return CompletableFuture.completedFuture(block);
    }
  }

  /** A node that starts while the cluster is away decides by policy until it comes. */
  @Test
  void clusterThatIsAwayAtTheStart_isUsedWhenItComes() throws Exception {
    int port = FreePorts.one();
    String name = "late-" + port;
    try (LimitCluster a = connect(name, "a", port, null)) {
      Verdict blind = admit(a, Sample.tenant("early").quota("q", 50).entitlements());
      assertThat(blind.outcome(blind.deciding())).isEqualTo(Outcome.DENIED_BLIND);
      assertThat(a.members()).isZero();
      assertThat(a.accounts("early")).failsWithin(BOUND.multipliedBy(10));
      startMember(name, port);
      Entitlements tenant =
          Sample.tenant("t").permits("c", 1, BOUND.multipliedBy(60)).entitlements();
      assertThat(until(() -> admit(a, tenant).admitted())).isTrue();
      try (LimitCluster b = connect(name, "b", port, null)) {
        assertThat(until(() -> admit(b, tenant).admitted())).as("recalled").isTrue();
      }
    }
  }

  private static boolean until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(50);
    }
    return true;
  }

  private static LimitCluster connect(
      String cluster, String node, int port, @Nullable QuotaRoot root) {
    return connect(cluster, node, List.of("127.0.0.1:" + port), root);
  }

  static LimitCluster connect(
      String cluster, String node, List<String> members, @Nullable QuotaRoot root) {
    return LimitCluster.connect(
        MemberProcess.settings(cluster, node, 1, members),
        new LimitSettings(BOUND, StoreDown.CLOSED, Duration.ofMillis(400), Duration.ofSeconds(2)),
        root,
        alert -> {});
  }

  static Verdict admit(LimitCluster cluster, Entitlements entitlements) {
    Verdict decided = ask(cluster, entitlements).join();
    decided.ticket().keep();
    return decided;
  }

  /** A call that has not ended yet; completes exceptionally when it is not decided in 10 s. */
  static CompletableFuture<Verdict> ask(LimitCluster cluster, Entitlements entitlements) {
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    Call call = new Call(Runnable::run).prepare(entitlements, "", Sample.ONE_CALL);
    cluster.limits().admit(call, verdict::complete);
    return verdict.orTimeout(30, TimeUnit.SECONDS);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 300 && !condition.getAsBoolean(); i++) {
      Thread.sleep(100);
    }
    // The last try admitted, and is counted.
  }
}
