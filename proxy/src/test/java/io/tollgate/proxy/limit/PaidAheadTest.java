package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.Recurrence;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * Units paid ahead that a window was granted and did not use are the next window's: they go back to
 * the root, which counts what each window took.
 */
class PaidAheadTest {
  private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");
  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  /** A node, its cells, and the root of the quota. */
  private static final class World {
    final DirectStore store = new DirectStore(NOON.toEpochMilli());
    final Entitlements tenant =
        Sample.tenant("t")
            .quotaPaidAhead(
                "q", 1_100, new Recurrence(NOON, Recurrence.Unit.HOUR, 1, ZoneOffset.UTC))
            .entitlements();
    final LeasedLimits limits =
        new LeasedLimits(
            store,
            LimitSettings.DEFAULT,
            store::nanos,
            new BlockOrders("c", this::ordered),
            alert -> {});

    /** Units out by window, as the root counts them. */
    final Map<Instant, Long> out = new HashMap<>();

    final Map<String, QuotaBlock> answered = new HashMap<>();
    final List<Runnable> held = new ArrayList<>();
    boolean away;
    boolean slow;
    int used;

    CompletionStage<QuotaBlock> ordered(QuotaBlockRequest request) {
      if (away) {
        return CompletableFuture.failedFuture(new IllegalStateException("away"));
      }
      CompletableFuture<QuotaBlock> answer = new CompletableFuture<>();
      Runnable decide = () -> answer.complete(decide(request));
      if (slow) {
        held.add(decide);
      } else {
        decide.run();
      }
      return answer;
    }

    QuotaBlock decide(QuotaBlockRequest request) {
      return answered.computeIfAbsent(request.requestId(), id -> grant(request));
    }

    QuotaBlock grant(QuotaBlockRequest request) {
      Instant window = Objects.requireNonNull(request.windowStart());
      long before = out.getOrDefault(window, 0L);
      assertThat(request.returned()).as("was out").isLessThanOrEqualTo(before);
      long left = before - request.returned();
      long granted = Math.min(request.units(), 1_100 - left);
      out.put(window, left + granted);
      return new QuotaBlock(1, request.requestId(), granted, left + granted, 1_100);
    }

    void call(int times) {
      for (int i = 0; i < times; i++) {
        limits.admit(
            new Call(Runnable::run).prepare(tenant, "", Sample.ONE_CALL),
            verdict -> {
              if (verdict.admitted()) {
                used++;
                verdict.ticket().keep();
              }
            });
      }
    }

    void pass(long millis) {
      for (long passed = 0; passed < millis; passed += 500) {
        store.advance(500);
        limits.tick();
        limits.sweep();
      }
    }

    long out(Instant window) {
      return out.getOrDefault(window, 0L);
    }
  }

  @Test
  void tenantThatFallsSilent_leavesNothingUnusedOut() {
    World world = new World();
    world.call(120);
    assertThat(world.out(NOON)).isGreaterThan(120);
    world.pass(300_000);
    assertThat(world.out(NOON)).isEqualTo(120);
  }

  @Test
  void leaseThatIsSpentToItsLastUnit_leavesNothingUnusedOut() {
    World world = new World();
    world.call(14);
    assertThat(world.out(NOON)).isGreaterThan(14);
    world.pass(300_000);
    assertThat(world.out(NOON)).isEqualTo(14);
  }

  @Test
  void windowThatEnds_leavesNothingUnusedOut() {
    World world = new World();
    world.pass(HOUR_MILLIS - 5_000);
    world.call(120);
    assertThat(world.out(NOON)).isGreaterThan(120);
    world.store.advance(6_000);
    world.call(1);
    world.pass(1_000);
    assertThat(world.out(NOON)).isEqualTo(120);
  }

  @Test
  void blockThatComesWhenItsWindowIsOver_goesBack() {
    World world = new World();
    world.pass(HOUR_MILLIS - 5_000);
    world.call(3);
    world.slow = true;
    world.call(1_000);
    world.store.advance(6_000);
    world.call(1);
    world.slow = false;
    world.held.forEach(Runnable::run);
    world.held.clear();
    world.pass(10_000);
    world.call(1);
    world.pass(300_000);
    assertThat(world.out(NOON) + world.out(NOON.plusSeconds(3600))).isEqualTo(world.used);
  }

  @Test
  void rootThatIsAway_getsTheRestWhenItIsBack() {
    World world = new World();
    world.call(120);
    world.away = true;
    world.pass(300_000);
    assertThat(world.out(NOON)).isGreaterThan(120);
    world.away = false;
    world.pass(1_000);
    assertThat(world.out(NOON)).isEqualTo(120);
  }

  @Property(tries = 1_000)
  void anyBurstsAndSilences_endWithWhatWasUsedOut(
      @ForAll @Size(max = 12) List<@IntRange(max = 400) Integer> bursts,
      @ForAll @Size(min = 12, max = 12) List<@IntRange(min = 1, max = 2_000) Integer> seconds) {
    World world = new World();
    for (int i = 0; i < bursts.size(); i++) {
      world.call(bursts.get(i));
      world.pass(seconds.get(i) * 1_000L);
    }
    world.pass(300_000);
    assertThat(world.out.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(world.used);
  }
}
