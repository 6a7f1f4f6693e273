package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.Holding;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a recall, whatever the recalled node is doing. */
class RecallTest {
  private static final CounterName QUOTA = new CounterName("q", "");
  private static final Entitlements TENANT = Sample.tenant("t").quota("q", 1_000).entitlements();

  private final DirectStore cells =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final Node a = new Node("a");
  private final Node b = new Node("b");
  private final List<String> done = new ArrayList<>();

  /** A node whose requests are answered, and whose recalls arrive, when the test says so. */
  private final class Node extends NamedStore {
    private final Queue<Runnable> requests = new ArrayDeque<>();
    private final Queue<Runnable> recalls = new ArrayDeque<>();
    private final LeasedLimits limits =
        new LeasedLimits(this, LimitSettings.DEFAULT, cells::nanos, null, alert -> {});

    Node(String name) {
      super(name, 1, 2);
    }

    /** Calls at short intervals, so that more than is needed is asked for ahead. */
    int call(int times) {
      List<Verdict> verdicts = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        cells.advance(1);
        limits.admit(new Call(Runnable::run).prepare(TENANT, "", Sample.ONE_CALL), verdicts::add);
        answer();
      }
      verdicts.forEach(verdict -> verdict.ticket().keep());
      return (int) verdicts.stream().filter(Verdict::admitted).count();
    }

    void begin() {
      limits.admit(
          new Call(Runnable::run).prepare(TENANT, "", Sample.ONE_CALL),
          verdict -> done.add(node() + (verdict.admitted() ? " admitted" : " denied")));
    }

    void answer() {
      while (!requests.isEmpty()) {
        requests.remove().run();
      }
    }

    /** Until the node asks its cell the next time. */
    void callUntilItAsks() {
      for (int i = 0; i < 1_000 && requests.isEmpty(); i++) {
        cells.advance(1);
        begin();
      }
      assertThat(requests).as("requests on their way").hasSize(1);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      // The cell works on it at once; the answer is on its way.
      cells.lease(
          request,
          new Answer() {
            @Override
            public void replied(LeaseReply reply) {
              requests.add(() -> answer.replied(reply));
            }

            @Override
            public void failed(String why) {
              requests.add(() -> answer.failed(why));
            }
          });
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable recalled) {
      Node other = node().equals("a") ? b : a;
      recalls.add(() -> other.limits.giveBack(tenant, counters, recalled));
    }
  }

  @BeforeEach
  void busy() {
    assertThat(a.call(60)).isEqualTo(60);
    assertThat(outstanding("a")).isPositive();
  }

  private long outstanding(String node) {
    return cells.counter("t", "q").holdings().stream()
        .filter(holding -> holding.node().equals(node))
        .mapToLong(Holding::outstanding)
        .sum();
  }

  @Test
  void recall_ofALease_isDoneWhenTheCellHasTheUnits() {
    a.limits.giveBack("t", Set.of(QUOTA), () -> done.add("back"));
    assertThat(outstanding("a")).isZero();
    assertThat(done).isEmpty();
    a.answer();
    assertThat(done).containsExactly("back");
  }

  @Test
  void recall_whileAGrantIsOnItsWay_getsItsUnitsToo() {
    a.callUntilItAsks();
    done.clear();
    assertThat(outstanding("a")).isPositive();
    a.limits.giveBack("t", Set.of(QUOTA), () -> done.add("back"));
    assertThat(done).isEmpty();
    a.answer();
    assertThat(done).endsWith("back");
    assertThat(outstanding("a")).isZero();
    assertThat(a.limits.outstanding()).isZero();
  }

  @Test
  void recall_whileAnAnswerWithoutUnitsIsOnItsWay_isDoneAllTheSame() {
    a.limits.giveBack("t", Set.of(QUOTA), () -> {});
    a.limits.giveBack("t", Set.of(QUOTA), () -> done.add("back"));
    a.answer();
    assertThat(done).containsExactly("back");
  }

  @Test
  void recall_ofNothing_isDoneAtOnce() {
    a.limits.giveBack("t", Set.of(QUOTA), () -> {});
    a.answer();
    a.limits.giveBack("t", Set.of(QUOTA), () -> done.add("back"));
    a.limits.giveBack("u", Set.of(QUOTA), () -> done.add("of a tenant unknown here"));
    assertThat(done).containsExactly("back", "of a tenant unknown here");
  }

  @Test
  void recalls_ofEachOther_bothGetUnits() {
    Entitlements few = Sample.tenant("t").version(2).quota("q", 200).entitlements();
    assertThat(b.call(60)).isEqualTo(60);
    a.limits.changed(few);
    b.limits.changed(few);
    a.answer();
    b.answer();
    LeasedLimits[] both = {a.limits, b.limits};
    int[] admitted = new int[2];
    for (int i = 0; i < 400; i++) {
      cells.advance(50);
      for (int n = 0; n < 2; n++) {
        int at = n;
        both[n].admit(
            new Call(Runnable::run).prepare(few, "", Sample.ONE_CALL),
            verdict -> {
              admitted[at] += verdict.admitted() ? 1 : 0;
              verdict.ticket().keep();
            });
      }
      // Both ask, both are refused, and both recall, before either hears of the other.
      a.answer();
      b.answer();
      for (Node node : List.of(a, b)) {
        while (!node.recalls.isEmpty()) {
          node.recalls.remove().run();
        }
      }
      a.answer();
      b.answer();
      both[0].tick();
      both[1].tick();
    }
    assertThat(admitted[0] + admitted[1]).isEqualTo(200 - 120);
  }
}
