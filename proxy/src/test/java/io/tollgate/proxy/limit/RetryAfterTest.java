package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a refused caller is told holds on every node: three of them, and one caller. */
class RetryAfterTest {
  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final Queue<Runnable> recalls = new ArrayDeque<>();
  private final List<Node> nodes = List.of(new Node("a"), new Node("b"), new Node("c"));
  private int turn;

  private final class Node extends NamedStore {
    private final LeasedLimits limits =
        new LeasedLimits(this, LimitSettings.DEFAULT, store::nanos, null, alert -> {});

    Node(String name) {
      super(name, 1, 3);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      store.lease(request, answer);
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      AtomicInteger missing = new AtomicInteger(2);
      for (Node other : nodes) {
        if (!other.node().equals(node())) {
          recalls.add(
              () ->
                  other.limits.giveBack(
                      tenant,
                      counters,
                      () -> {
                        if (missing.decrementAndGet() == 0) {
                          done.run();
                        }
                      }));
        }
      }
    }
  }

  /** A call on the next node. */
  private Verdict call(Entitlements tenant, Demand demand) {
    Node node = nodes.get(turn++ % nodes.size());
    List<Verdict> verdicts = new ArrayList<>();
    node.limits.admit(new Call(Runnable::run).prepare(tenant, "", demand), verdicts::add);
    for (int i = 0; i < 2_000 && verdicts.isEmpty(); i++) {
      pass(1);
    }
    assertThat(verdicts).hasSize(1);
    return verdicts.get(0);
  }

  private void pass(long millis) {
    for (long i = 0; i < millis; i++) {
      store.advance(1);
      while (!recalls.isEmpty()) {
        recalls.remove().run();
      }
      nodes.forEach(node -> node.limits.tick());
    }
  }

  @ParameterizedTest
  @CsvSource({"20, 60, 1, 1", "1, 1, 1, 1", "60, 60, 10, 5", "60, 60, 2, 2", "100, 1, 100, 1"})
  void callerThatWaitsAsTold_isAdmitted_whicheverNodeItMeets(
      int amount, int seconds, int burst, long units) {
    Entitlements tenant =
        Sample.tenant("t").rate("r", amount, Duration.ofSeconds(seconds), burst).entitlements();
    Demand demand = new Demand("", null, Map.of("calls", units));
    int refused = 0;
    int admitted = 0;
    long began = store.nanos();
    for (int i = 0; i < 300 && refused < 20; i++) {
      Verdict verdict = call(tenant, demand);
      if (verdict.admitted()) {
        admitted++;
        verdict.ticket().keep();
        continue;
      }
      refused++;
      // What a message may take, and the one after it.
      pass(1_000 * verdict.resetSeconds(0) + 2);
      assertThat(call(tenant, demand).admitted()).as("after refusal %d", refused).isTrue();
      admitted++;
    }
    long millis = (store.nanos() - began) / 1_000_000;
    assertThat(refused).isPositive();
    assertThat(admitted * units).isLessThanOrEqualTo(burst + amount * millis / 1_000 / seconds);
  }

  @Test
  void callerThatWaitsUntilTheResetOfItsLastAnswer_isAdmittedElsewhere() {
    Entitlements tenant = Sample.tenant("t").rate("r", 20, Duration.ofMinutes(1), 1).entitlements();
    for (int i = 0; i < 20; i++) {
      Verdict verdict = call(tenant, Sample.ONE_CALL);
      assertThat(verdict.admitted()).as("call %d", i).isTrue();
      pass(3_000 + 2);
    }
  }

  @Test
  void quotaBesideARate_isNotNamedBeforeItIsSpent() {
    Entitlements tenant =
        Sample.tenant("t").rate("r", 5, Duration.ofSeconds(1), 5).quota("q", 100).entitlements();
    int admitted = 0;
    for (int i = 0; i < 3_000 && admitted < 100; i++) {
      Verdict verdict = call(tenant, Sample.ONE_CALL);
      if (verdict.admitted()) {
        admitted++;
        verdict.ticket().keep();
      } else {
        assertThat(verdict.outcome(1)).as("quota after %d", admitted).isEqualTo(Outcome.ADMITTED);
        pass(100);
      }
    }
    assertThat(admitted).isEqualTo(100);
    pass(1_000);
    assertThat(call(tenant, Sample.ONE_CALL).outcome(1)).isEqualTo(Outcome.DENIED);
  }
}
