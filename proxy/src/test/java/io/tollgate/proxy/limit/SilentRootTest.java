package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.CellAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A hard quota whose root is slow or away: what is not known is not called spent. */
class SilentRootTest {
  private static final long BOUND_MILLIS = 250;

  /** What the root does with an order. */
  private enum Root {
    ANSWERS,
    FAILS,
    HANGS
  }

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final List<QuotaBlockRequest> orders = new ArrayList<>();
  private final List<CompletableFuture<QuotaBlock>> open = new ArrayList<>();
  private final Entitlements tenant = Sample.tenant("t").quota("q", 100).entitlements();
  private Root root = Root.ANSWERS;
  private LeasedLimits limits = limits(StoreDown.CLOSED);

  private LeasedLimits limits(StoreDown storeDown) {
    LimitSettings settings =
        new LimitSettings(
            Duration.ofMillis(BOUND_MILLIS),
            storeDown,
            Duration.ofMillis(400),
            Duration.ofSeconds(5));
    return new LeasedLimits(
        store, settings, store::nanos, new BlockOrders("c", this::order), alert -> {});
  }

  private CompletionStage<QuotaBlock> order(QuotaBlockRequest request) {
    orders.add(request);
    return switch (root) {
      case ANSWERS -> CompletableFuture.completedFuture(block(request));
      case FAILS -> CompletableFuture.failedFuture(new IllegalStateException("refused"));
      case HANGS -> {
        CompletableFuture<QuotaBlock> answer = new CompletableFuture<>();
        open.add(answer);
        yield answer;
      }
    };
  }

  private static QuotaBlock block(QuotaBlockRequest request) {
    return new QuotaBlock(
        QuotaBlock.FORMAT, request.requestId(), request.units(), request.units(), 100);
  }

  private List<Verdict> call() {
    List<Verdict> verdicts = new ArrayList<>();
    limits.admit(new Call(Runnable::run).prepare(tenant, "", Sample.ONE_CALL), verdicts::add);
    return verdicts;
  }

  private void pass(long millis) {
    for (long passed = 0; passed < millis; passed += 10) {
      store.advance(10);
      limits.tick();
    }
  }

  @Test
  void firstCall_waitsForASlowRoot() {
    root = Root.HANGS;
    List<Verdict> verdicts = call();
    pass(BOUND_MILLIS - 20);
    assertThat(verdicts).isEmpty();
    open.get(0).complete(block(orders.get(0)));
    assertThat(verdicts).singleElement().matches(Verdict::admitted);
  }

  @Test
  void hangingRoot_isNotKnownWithinTheBound_andThenAtOnce() {
    root = Root.HANGS;
    List<Verdict> first = call();
    pass(BOUND_MILLIS + 10);
    assertThat(first).singleElement().matches(SilentRootTest::isUnknown);
    long asked = store.requests();
    assertThat(asked).isLessThan(10);
    for (int i = 0; i < 100; i++) {
      assertThat(call()).singleElement().matches(SilentRootTest::isUnknown);
    }
    assertThat(store.requests()).isEqualTo(asked);
  }

  @Test
  void failingRoot_isNotKnownAtOnce_andProbedAgain() {
    root = Root.FAILS;
    for (int i = 0; i < 100; i++) {
      assertThat(call()).singleElement().matches(SilentRootTest::isUnknown);
    }
    assertThat(orders).hasSize(1);
    pass(600);
    assertThat(call()).singleElement().matches(SilentRootTest::isUnknown);
    assertThat(orders).hasSize(2).extracting(QuotaBlockRequest::requestId).containsOnly(id());
  }

  @Test
  void rootThatAnswersAgain_isUsedWithoutAHand() {
    root = Root.FAILS;
    assertThat(call()).singleElement().matches(SilentRootTest::isUnknown);
    root = Root.ANSWERS;
    pass(600);
    assertThat(call()).singleElement().matches(Verdict::admitted);
    assertThat(orders).extracting(QuotaBlockRequest::requestId).startsWith(id(), id());
    assertThat(call()).singleElement().matches(Verdict::admitted);
  }

  @Test
  void openPolicy_admitsWhatIsNotKnown_andOwesIt() {
    limits = limits(StoreDown.OPEN);
    root = Root.FAILS;
    for (int i = 0; i < 3; i++) {
      assertThat(call()).singleElement().matches(Verdict::admitted);
    }
    root = Root.ANSWERS;
    pass(600);
    assertThat(call()).singleElement().matches(Verdict::admitted);
    pass(600);
    assertThat(CellAccount.of(store.counter("t", "q")).granted()).isGreaterThanOrEqualTo(4);
  }

  private String id() {
    return orders.get(0).requestId();
  }

  private static boolean isUnknown(Verdict verdict) {
    return !verdict.admitted() && verdict.outcome(verdict.deciding()) == Outcome.DENIED_BLIND;
  }
}
