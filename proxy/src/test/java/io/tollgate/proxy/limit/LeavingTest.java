package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.limit.cell.Holding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What a node that leaves in order has on its way is not lost. */
class LeavingTest {
  private static final long AMOUNT = 1_000;

  private static final Entitlements TENANT = Sample.tenant("t").quota("q", AMOUNT).entitlements();

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final List<Runnable> onTheirWay = new ArrayList<>();
  private LeasedLimits limits = limits();
  private boolean slow;
  private long out;

  private LeasedLimits limits() {
    return new LeasedLimits(
        store, LimitSettings.DEFAULT, store::nanos, new BlockOrders("c", this::order), alert -> {});
  }

  /** The root; what is slow arrives when the test has it arrive. */
  private CompletionStage<QuotaBlock> order(QuotaBlockRequest request) {
    CompletableFuture<QuotaBlock> answer = new CompletableFuture<>();
    Runnable decide =
        () -> {
          out -= request.returned();
          long granted = Math.min(request.units(), AMOUNT - out);
          out += granted;
          answer.complete(
              new QuotaBlock(QuotaBlock.FORMAT, request.requestId(), granted, out, AMOUNT));
        };
    if (slow) {
      onTheirWay.add(decide);
    } else {
      decide.run();
    }
    return answer;
  }

  private void arrive() {
    slow = false;
    onTheirWay.forEach(Runnable::run);
    onTheirWay.clear();
  }

  private int admitted(int calls) {
    int[] admitted = {0};
    for (int i = 0; i < calls; i++) {
      boolean[] answered = {false};
      limits.admit(
          new Call(Runnable::run).prepare(TENANT, "", Sample.ONE_CALL),
          verdict -> {
            answered[0] = true;
            admitted[0] += verdict.admitted() ? 1 : 0;
            verdict.ticket().keep();
          });
      for (int waited = 0; waited < 100 && !answered[0]; waited++) {
        store.advance(10);
        limits.tick();
      }
      assertThat(answered[0]).isTrue();
    }
    return admitted[0];
  }

  private void another() {
    store.begin(store.incarnation() + 1);
    limits = limits();
  }

  @Test
  void unitsThatAnOrderOvertakes_areAskedForAgain() {
    assertThat(admitted(400)).isEqualTo(400);
    slow = true;
    CompletableFuture<Void> left = limits.leave();
    assertThat(left).as("its units are not there yet").isNotDone();
    assertThat(onTheirWay).hasSize(1);
    slow = false;
    another();
    long known = admitted(2_000);
    assertThat(known).as("as if they were still out").isLessThan(AMOUNT - 400);
    arrive();
    assertThat(left).isCompleted();
    store.advance(5_000);
    assertThat(known + admitted(2_000)).isEqualTo(AMOUNT - 400);
    assertThat(out).isEqualTo(AMOUNT);
  }

  @Test
  void leaseForACallThatHasGivenUp_goesBack() {
    assertThat(admitted(1)).isEqualTo(1);
    another();
    store.hold();
    assertThat(admitted(1)).as("no answer in time").isZero();
    CompletableFuture<Void> left = limits.leave();
    assertThat(left).isNotDone();
    store.release();
    assertThat(left).isCompleted();
    assertThat(store.counter("t", "q").holdings())
        .as("what nodes could still spend, or took along")
        .allMatch(holding -> holding.outstanding() == 0);
    assertThat(store.counter("t", "q").holdings().stream().mapToLong(Holding::taken).sum())
        .isEqualTo(1);
  }

  @Test
  void blockThatComesAfterItLeft_isAskedForByAnother() {
    assertThat(admitted(400)).isEqualTo(400);
    slow = true;
    while (onTheirWay.isEmpty()) {
      assertThat(admitted(1)).isEqualTo(1);
    }
    CompletableFuture<Void> left = limits.leave();
    assertThat(left).isCompleted();
    long requests = store.requests();
    arrive();
    assertThat(store.requests()).as("it says nothing any more").isEqualTo(requests);
  }

  @Test
  void manyTenants_speakSoManyAtATime() {
    int tenants = 3 * Leaving.AT_ONCE;
    LeasedLimits many = ofMany(tenants);
    store.hold();
    long before = store.requests();
    CompletableFuture<Void> left = many.leave();
    assertThat(left).isNotDone();
    assertThat(store.requests() - before).isEqualTo(Leaving.AT_ONCE);
    store.release();
    assertThat(left).isCompleted();
    assertThat(store.requests() - before).isGreaterThanOrEqualTo(tenants);
  }

  @Test
  void tenantsThatNobodyAnswers_makeRoomForOthers() {
    LeasedLimits many = ofMany(3 * Leaving.AT_ONCE);
    store.hold();
    long before = store.requests();
    CompletableFuture<Void> left = many.leave();
    store.advance(Leaving.PATIENCE_NANOS / 1_000_000 - 1);
    many.tick();
    assertThat(store.requests() - before).isEqualTo(Leaving.AT_ONCE);
    store.advance(1);
    many.tick();
    assertThat(store.requests() - before).isEqualTo(2 * Leaving.AT_ONCE);
    store.advance(Leaving.PATIENCE_NANOS / 1_000_000);
    many.tick();
    assertThat(store.requests() - before).isEqualTo(3 * Leaving.AT_ONCE);
    assertThat(left).isNotDone();
    store.release();
    assertThat(left).isCompleted();
  }

  /** One on which so many tenants called. */
  private LeasedLimits ofMany(int tenants) {
    LeasedLimits many =
        new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, alert -> {});
    for (int call = 0; call < 3; call++) {
      for (int i = 0; i < tenants; i++) {
        Entitlements tenant = Sample.tenant("t" + i).quota("q", AMOUNT).entitlements();
        many.admit(
            new Call(Runnable::run).prepare(tenant, "", Sample.ONE_CALL),
            verdict -> verdict.ticket().keep());
      }
      store.advance(10);
    }
    return many;
  }
}
