package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A tenant that limits thousands of keys one by one. */
class ManyKeysTest {
  private static final int KEYS = 2_500;

  private final DirectStore cells =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final List<Integer> lines = new ArrayList<>();
  private final LeasedLimits limits =
      new LeasedLimits(new Counting(), LimitSettings.DEFAULT, cells::nanos, null, alert -> {});
  private final Entitlements tenant =
      Sample.tenant("t")
          .rateByKey("key", 10, Duration.ofSeconds(1), 5)
          .rate("tenant", 100_000, Duration.ofSeconds(1), 100_000)
          .entitlements();

  /** The cells, and how many lines each request had. */
  private final class Counting extends NamedStore {
    Counting() {
      super("n", 1, 1);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      lines.add(request.items().size());
      cells.lease(request, answer);
    }

    @Override
    public void recall(String ofTenant, Set<CounterName> counters, Runnable done) {
      done.run();
    }
  }

  private final List<Verdict> decided = new ArrayList<>();

  private void call(int key) {
    limits.admit(
        new Call(Runnable::run).prepare(tenant, "key-" + key, Sample.ONE_CALL), decided::add);
  }

  private void callAll() {
    for (int key = 0; key < KEYS; key++) {
      call(key);
    }
  }

  private void assertAllAdmitted(int count) {
    assertThat(decided).hasSize(count).allMatch(Verdict::admitted);
  }

  @Test
  void request_amongManyKeys_isAboutItsCallsOnly() {
    callAll();
    lines.clear();
    callAll();
    assertAllAdmitted(2 * KEYS);
    assertThat(lines).allMatch(count -> count <= 2);
  }

  @Test
  void callsOfManyKeysAtOnce_getTheirUnitsRequestByRequest() {
    cells.hold();
    callAll();
    cells.release();
    assertAllAdmitted(KEYS);
    assertThat(lines).allMatch(count -> count <= 1_000);
  }

  @Test
  void leaving_withLeasesOfManyKeys_givesAllBack() {
    callAll();
    decided.forEach(verdict -> verdict.ticket().keep());
    cells.advance(50);
    CompletableFuture<Void> left = limits.leave();
    assertThat(left).isDone();
    CellFigures books = cells.figures();
    assertThat(books.outstanding()).isZero();
    assertThat(limits.outstanding()).isZero();
  }

  @Test
  void sweep_ofManyKeys_returnsTheLeasesOfThoseThatFellSilent() {
    callAll();
    for (int second = 0; second < 60; second++) {
      cells.advance(1_000);
      limits.sweep();
      limits.tick();
      call(0);
    }
    assertThat(limits.explain("t")).filteredOn(view -> view.leased() > 0).hasSizeLessThan(4);
  }

  @Test
  void silentKeys_areForgottenByNodeAndCell() {
    callAll();
    for (int second = 0; second < 300; second += 5) {
      cells.advance(5_000);
      limits.sweep();
      limits.tick();
      call(0);
    }
    assertThat(limits.explain("t")).hasSize(2);
    assertThat(cells.counters("t")).isEqualTo(2);
  }
}
