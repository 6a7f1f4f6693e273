package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.limit.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two members whose callers never let go: whoever comes second has permits, too. */
class SharedPermitsTest {
  private static final int PERMITS = 4;
  private static final int ENOUGH = 100;

  private final Entitlements tenant =
      Sample.tenant("t").permits("c", PERMITS, Duration.ofMinutes(10)).entitlements();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();

  @Test
  void steadyDemandOnBothMembers_eachHasPermits_andNeverMoreThanAll() throws Exception {
    int first = FreePorts.one();
    int second = FreePorts.one();
    List<String> members = List.of("127.0.0.1:" + first, "127.0.0.1:" + second);
    try (ScheduledExecutorService calls = Executors.newSingleThreadScheduledExecutor();
        LimitCluster a = LimitClusterTest.join("a", first, members, alert -> {});
        LimitCluster b = LimitClusterTest.join("b", second, members, alert -> {})) {
      Load early = new Load(a, calls);
      assertThat(early.admits(ENOUGH)).as("calls of the first alone").isTrue();
      Load late = new Load(b, calls);
      assertThat(late.admits(ENOUGH)).as("calls of the second").isTrue();
      assertThat(early.admits(early.admitted.get() + ENOUGH)).as("more of the first").isTrue();
      stopped.set(true);
      assertThat(most.get()).as("calls in flight").isEqualTo(PERMITS);
    }
  }

  /** Twice as many callers as there are permits, each of which calls again and again. */
  private final class Load {
    private final AtomicInteger admitted = new AtomicInteger();
    private final LimitCluster node;
    private final ScheduledExecutorService calls;

    Load(LimitCluster node, ScheduledExecutorService calls) {
      this.node = node;
      this.calls = calls;
      for (int i = 0; i < 2 * PERMITS; i++) {
        calls.execute(this::call);
      }
    }

    boolean admits(int many) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (admitted.get() < many && System.nanoTime() - end < 0) {
        Thread.sleep(5);
      }
      return admitted.get() >= many;
    }

    private void call() {
      if (!stopped.get()) {
        node.limits().admit(new Call(calls).prepare(tenant, "", Sample.ONE_CALL), this::decided);
      }
    }

    private void decided(Verdict verdict) {
      if (verdict.admitted()) {
        admitted.incrementAndGet();
        most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
      }
      after(
          10,
          () -> {
            if (verdict.admitted()) {
              inFlight.decrementAndGet();
              verdict.ticket().keep();
            }
            call();
          });
    }

    private void after(int millis, Runnable step) {
      ScheduledFuture<?> unused = calls.schedule(step, millis, TimeUnit.MILLISECONDS);
    }
  }
}
