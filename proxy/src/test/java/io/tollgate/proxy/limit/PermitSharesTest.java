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
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Under load that never ends each node has its part of the permits, whoever came first. */
class PermitSharesTest {
  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final Queue<Runnable> recalls = new ArrayDeque<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Random random = new Random(7);
  private int inFlight;
  private int most;
  private long used;

  private final class Node extends NamedStore {
    private final LeasedLimits limits =
        new LeasedLimits(this, LimitSettings.DEFAULT, store::nanos, null, alert -> {});
    private final List<Caller> callers = new ArrayList<>();
    private int admitted;

    Node(String name) {
      super(name, 1, 2);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      store.lease(request, answer);
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      for (Node other : nodes) {
        if (!other.node().equals(node())) {
          recalls.add(() -> other.limits.giveBack(tenant, counters, done));
        }
      }
    }
  }

  /** Calls again as soon as a call is over, and a little after a refusal. */
  private final class Caller {
    private final Node at;
    private final Entitlements tenant;
    private final int pause;
    private boolean waits;
    private int left;
    private Runnable end = () -> {};

    Caller(Node at, Entitlements tenant, int pause) {
      this.at = at;
      this.tenant = tenant;
      this.pause = pause;
    }

    void step() {
      if (waits || --left > 0) {
        return;
      }
      end.run();
      end = () -> {};
      waits = true;
      at.limits.admit(new Call(Runnable::run).prepare(tenant, "", Sample.ONE_CALL), this::decided);
    }

    private void decided(Verdict verdict) {
      waits = false;
      left = pause;
      if (verdict.admitted()) {
        at.admitted++;
        inFlight++;
        most = Math.max(most, inFlight);
        left = 20 + random.nextInt(200);
        end =
            () -> {
              inFlight--;
              verdict.ticket().keep();
            };
      }
    }
  }

  private Node node(String name, Entitlements tenant, int callers, int pause) {
    Node node = new Node(name);
    nodes.add(node);
    for (int i = 0; i < callers; i++) {
      node.callers.add(new Caller(node, tenant, pause));
    }
    return node;
  }

  private void pass(long millis) {
    for (long i = 0; i < millis; i++) {
      store.advance(1);
      while (!recalls.isEmpty()) {
        recalls.remove().run();
      }
      for (Node node : nodes) {
        node.limits.tick();
        node.callers.forEach(Caller::step);
      }
      used += inFlight;
    }
  }

  @ParameterizedTest
  @CsvSource({"20, 20, 1", "20, 40, 100", "3, 5, 1", "2, 1, 5", "1, 1, 5", "1, 10, 50"})
  void whoComesLater_hasItsPart(int permits, int callers, int pause) {
    Entitlements tenant =
        Sample.tenant("t").permits("p", permits, Duration.ofMinutes(1)).entitlements();
    Node a = node("a", tenant, callers, pause);
    pass(2_000);
    Node b = node("b", tenant, callers, pause);
    int before = a.admitted;
    used = 0;
    pass(20_000);
    int ofA = a.admitted - before;
    assertThat(most).as("calls in flight").isEqualTo(permits);
    assertThat(b.admitted).as("of %d", ofA + b.admitted).isGreaterThan((ofA + b.admitted) / 3);
    assertThat(ofA).as("of %d", ofA + b.admitted).isGreaterThan((ofA + b.admitted) / 3);
  }

  @Test
  void whoDoesNotAskAgain_keepsNothingFromOthers() {
    Entitlements tenant = Sample.tenant("t").permits("p", 2, Duration.ofMinutes(1)).entitlements();
    Node unused = node("a", tenant, 4, 1);
    pass(1_000);
    Node b = node("b", tenant, 1, 1_000_000);
    pass(500);
    used = 0;
    pass(10_000);
    assertThat(b.admitted).isZero();
    assertThat(used).as("permit-milliseconds in use of 20,000").isGreaterThan(18_000);
  }
}
