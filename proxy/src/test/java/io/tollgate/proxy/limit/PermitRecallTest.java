package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.Neighbours.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Permits that lie idle with one node are another's when it needs them. */
class PermitRecallTest {
  private static final Entitlements TENANT =
      Sample.tenant("t").permits("p", 3, Duration.ofMinutes(1)).entitlements();

  private final Neighbours cluster = new Neighbours();
  private final Node a = cluster.join("a");
  private final Node b = cluster.join("b");

  private List<Verdict> calls(Node at, int many) {
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      at.limits.admit(new Call(Runnable::run).prepare(TENANT, "", Sample.ONE_CALL), verdicts::add);
    }
    for (int i = 0; i < 200 && verdicts.size() < many; i++) {
      pass(1);
    }
    assertThat(verdicts).hasSize(many);
    return verdicts;
  }

  private void pass(int millis) {
    for (int i = 0; i < millis; i++) {
      cluster.pass();
    }
  }

  private static void end(List<Verdict> verdicts) {
    verdicts.forEach(verdict -> verdict.ticket().keep());
  }

  @Test
  void permitsThatLieIdle_areTheOtherNodes_atOnce() {
    for (int round = 0; round < 20; round++) {
      for (Node node : List.of(a, b)) {
        List<Verdict> calls = calls(node, 3);
        assertThat(calls).as("round %d of %s", round, node.node()).allMatch(Verdict::admitted);
        end(calls);
      }
    }
  }

  @Test
  void callsOneAfterTheOther_onBothNodes_allPass() {
    for (int i = 0; i < 50; i++) {
      for (Node node : List.of(a, b)) {
        List<Verdict> call = calls(node, 1);
        assertThat(call).allMatch(Verdict::admitted);
        end(call);
      }
    }
  }

  @Test
  void permitsInUse_areNobodyElses_andComeBackWithTheirCalls() {
    List<Verdict> held = calls(a, 3);
    assertThat(calls(b, 2)).noneMatch(Verdict::admitted);
    held.remove(0).ticket().keep();
    pass(30);
    assertThat(calls(b, 1)).allMatch(Verdict::admitted);
    assertThat(calls(b, 1)).noneMatch(Verdict::admitted);
    assertThat(calls(a, 1)).noneMatch(Verdict::admitted);
  }

  @Test
  void recalls_thatBringNothing_becomeRare() {
    List<Verdict> held = calls(a, 3);
    for (int i = 0; i < 300; i++) {
      assertThat(calls(b, 1)).noneMatch(Verdict::admitted);
      pass(30);
    }
    assertThat(cluster.recalled()).as("recalls in 9 s of refusals").isLessThan(12);
    end(held);
    pass(20);
    assertThat(calls(b, 3)).allMatch(Verdict::admitted);
  }

  @Test
  void permitsThatLieIdle_goBackByThemselves() {
    end(calls(a, 3));
    List<Verdict> one = calls(a, 1);
    for (int i = 0; i < 60; i++) {
      cluster.store.advance(500);
      a.limits.sweep();
      pass(1);
    }
    end(one);
    for (int i = 0; i < 60; i++) {
      cluster.store.advance(500);
      a.limits.sweep();
      pass(1);
    }
    assertThat(cluster.store.counters("t")).as("counters that say anything").isZero();
    assertThat(cluster.recalled()).isZero();
  }
}
