package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes use a rooted quota up, as fast as callers that wait for their answers can. */
class QuotaEndTest {
  private static final int AMOUNT = 2_000;

  /** As a proxy has it by default. */
  private static final LimitSettings SETTINGS =
      new LimitSettings(
          Duration.ofSeconds(1), StoreDown.CLOSED, Duration.ofMillis(400), Duration.ofSeconds(10));

  private static final Entitlements TENANT = Sample.tenant("t").quota("q", AMOUNT).entitlements();

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final List<Answer> answers = new ArrayList<>();
  private long rootMillis;
  private long out;
  private int admitted;
  private int denied;
  private int blind;

  /** What will be answered when. */
  private record Answer(long at, Runnable what) {}

  private final class Node extends NamedStore {
    private final LeasedLimits limits =
        new LeasedLimits(
            this,
            SETTINGS,
            store::nanos,
            new BlockOrders("c", QuotaEndTest.this::order),
            alert -> {});
    private int idle = 8;

    Node(String name) {
      super(name, 1, 2);
    }

    void call() {
      for (; idle > 0; idle--) {
        limits.admit(
            new Call(then -> later(1, then)).prepare(TENANT, "", Sample.ONE_CALL), this::decided);
      }
    }

    private void decided(Verdict verdict) {
      later(1, () -> idle++);
      if (verdict.admitted()) {
        admitted++;
        verdict.ticket().keep();
      } else if (verdict.outcome(verdict.deciding()) == Outcome.DENIED_BLIND) {
        blind++;
      } else {
        denied++;
      }
    }

    @Override
    public void lease(LeaseRequest request, LimitStore.Answer answer) {
      later(
          1,
          () ->
              store.lease(
                  request,
                  new LimitStore.Answer() {
                    @Override
                    public void replied(LeaseReply reply) {
                      later(1, () -> answer.replied(reply));
                    }

                    @Override
                    public void failed(String why) {
                      later(1, () -> answer.failed(why));
                    }
                  }));
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      later(2, done);
    }
  }

  private void later(long millis, Runnable what) {
    answers.add(new Answer(store.nowMillis() + millis, what));
  }

  private CompletionStage<QuotaBlock> order(QuotaBlockRequest request) {
    CompletableFuture<QuotaBlock> block = new CompletableFuture<>();
    later(
        rootMillis,
        () -> {
          long granted = Math.min(request.units(), AMOUNT - out);
          out += granted;
          block.complete(
              new QuotaBlock(QuotaBlock.FORMAT, request.requestId(), granted, out, AMOUNT));
        });
    return block;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 20, 100})
  void quota_isUsedUp_andNobodyTakesASlowRootForASilentOne(long millis) {
    rootMillis = millis;
    Node[] nodes = {new Node("a"), new Node("b")};
    for (int i = 0; i < 120_000 && denied < 200; i++) {
      store.advance(1);
      List<Answer> due =
          answers.stream().filter(answer -> answer.at() <= store.nowMillis()).toList();
      answers.removeAll(due);
      due.forEach(answer -> answer.what().run());
      for (Node node : nodes) {
        node.call();
        if (i % 10 == 0) {
          node.limits.tick();
        }
        if (i % 500 == 0) {
          node.limits.sweep();
        }
      }
    }
    assertThat(admitted).isEqualTo(AMOUNT);
    assertThat(denied).isGreaterThanOrEqualTo(200);
    assertThat(blind).as("answered 503").isZero();
  }
}
