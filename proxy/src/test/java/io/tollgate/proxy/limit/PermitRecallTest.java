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
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Permits that lie idle with one node are another's when it needs them. */
class PermitRecallTest {
  private static final Entitlements TENANT =
      Sample.tenant("t").permits("p", 3, Duration.ofMinutes(1)).entitlements();

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final Queue<Runnable> recalls = new ArrayDeque<>();
  private int recalled;
  private final Node a = new Node("a");
  private final Node b = new Node("b");

  private final class Node extends NamedStore {
    private final LeasedLimits limits =
        new LeasedLimits(this, LimitSettings.DEFAULT, store::nanos, null, alert -> {});

    Node(String name) {
      super(name, 1, 2);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      store.lease(request, answer);
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      recalled++;
      Node other = node().equals("a") ? b : a;
      recalls.add(() -> other.limits.giveBack(tenant, counters, done));
    }

    List<Verdict> calls(int many) {
      List<Verdict> verdicts = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        limits.admit(new Call(Runnable::run).prepare(TENANT, "", Sample.ONE_CALL), verdicts::add);
      }
      for (int i = 0; i < 200 && verdicts.size() < many; i++) {
        pass(1);
      }
      assertThat(verdicts).hasSize(many);
      return verdicts;
    }
  }

  private void pass(long millis) {
    for (long i = 0; i < millis; i++) {
      store.advance(1);
      while (!recalls.isEmpty()) {
        recalls.remove().run();
      }
      a.limits.tick();
      b.limits.tick();
    }
  }

  private static void end(List<Verdict> verdicts) {
    verdicts.forEach(verdict -> verdict.ticket().keep());
  }

  @Test
  void permitsThatLieIdle_areTheOtherNodes_atOnce() {
    for (int round = 0; round < 20; round++) {
      for (Node node : List.of(a, b)) {
        List<Verdict> calls = node.calls(3);
        assertThat(calls).as("round %d of %s", round, node.node()).allMatch(Verdict::admitted);
        end(calls);
      }
    }
  }

  @Test
  void callsOneAfterTheOther_onBothNodes_allPass() {
    for (int i = 0; i < 50; i++) {
      for (Node node : List.of(a, b)) {
        List<Verdict> call = node.calls(1);
        assertThat(call).allMatch(Verdict::admitted);
        end(call);
      }
    }
  }

  @Test
  void permitsInUse_areNobodyElses_andComeBackWithTheirCalls() {
    List<Verdict> held = a.calls(3);
    assertThat(b.calls(2)).noneMatch(Verdict::admitted);
    held.remove(0).ticket().keep();
    pass(30);
    assertThat(b.calls(1)).allMatch(Verdict::admitted);
    assertThat(b.calls(1)).noneMatch(Verdict::admitted);
    assertThat(a.calls(1)).noneMatch(Verdict::admitted);
  }

  @Test
  void recalls_thatBringNothing_becomeRare() {
    List<Verdict> held = a.calls(3);
    for (int i = 0; i < 300; i++) {
      assertThat(b.calls(1)).noneMatch(Verdict::admitted);
      pass(30);
    }
    assertThat(recalled).as("recalls in 9 s of refusals").isLessThan(12);
    end(held);
    pass(20);
    assertThat(b.calls(3)).allMatch(Verdict::admitted);
  }

  @Test
  void permitsThatLieIdle_goBackByThemselves() {
    end(a.calls(3));
    List<Verdict> one = a.calls(1);
    for (int i = 0; i < 60; i++) {
      store.advance(500);
      a.limits.sweep();
      pass(1);
    }
    end(one);
    for (int i = 0; i < 60; i++) {
      store.advance(500);
      a.limits.sweep();
      pass(1);
    }
    assertThat(store.counters("t")).as("counters that say anything").isZero();
    assertThat(recalled).isZero();
  }
}
