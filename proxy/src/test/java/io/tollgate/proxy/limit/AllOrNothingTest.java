package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.Holding;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/**
 * A rate, a quota by the hour and permits on the same calls, whatever is called, ended, refunded
 * and waited for: none is passed, what is refused is refused for a reason and costs nothing.
 */
class AllOrNothingTest {
  private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");
  private static final long HOUR = 3_600_000;
  private static final Duration PERMIT_TTL = Duration.ofHours(12);
  private static final LimitSettings SETTINGS =
      new LimitSettings(
          Duration.ofMillis(250), StoreDown.CLOSED, Duration.ofMillis(400), Duration.ofSeconds(5));

  @Property(tries = 500)
  void calls_passNoLimit_andRefusalsCostNothing(
      @ForAll @LongRange(min = 1, max = 50) long rate,
      @ForAll @LongRange(min = 3, max = 60) long burst,
      @ForAll @LongRange(min = 3, max = 200) long amount,
      @ForAll @IntRange(min = 1, max = 8) int permits,
      @ForAll @Size(max = 150) List<@IntRange(min = 0, max = 999) Integer> steps) {
    World world = new World(rate, burst, amount, permits);
    for (int step : steps) {
      switch (step % 10) {
        case 0 -> world.end(true);
        case 1, 2 -> world.end(false);
        case 3 -> world.pass(step);
        case 4 -> world.pass(step * 20L);
        case 5 -> world.pass(step % 50 == 5 ? step * 6_000L : 1);
        default -> world.call(1 + step / 10 % 3);
      }
    }
    world.useUp();
  }

  /** One node, and beside it what limits mean. */
  private static final class World {
    private final long rate;
    private final long burst;
    private final long amount;
    private final int permits;
    private final Entitlements entitlements;
    private final DirectStore store = new DirectStore(NOON.toEpochMilli());
    private final LeasedLimits limits =
        new LeasedLimits(store, SETTINGS, store::nanos, null, alert -> {});
    private final ArrayDeque<Admitted> open = new ArrayDeque<>();
    private final List<Admitted> all = new ArrayList<>();
    private long refundedAt;

    /** A call that passed. */
    private static final class Admitted {
      private final Ticket ticket;
      private final long at;
      private final long weight;
      private boolean refunded;

      Admitted(Ticket ticket, long at, long weight) {
        this.ticket = ticket;
        this.at = at;
        this.weight = weight;
      }
    }

    World(long rate, long burst, long amount, int permits) {
      this.rate = rate;
      this.burst = burst;
      this.amount = amount;
      this.permits = permits;
      this.entitlements =
          Sample.tenant("t")
              .rate("r", rate, Duration.ofSeconds(1), burst)
              .quota("q", amount, new Recurrence(NOON, Recurrence.Unit.HOUR, 1, ZoneOffset.UTC))
              .permits("c", permits, PERMIT_TTL)
              .entitlements();
    }

    void pass(long millis) {
      store.advance(millis);
      limits.sweep();
      limits.tick();
    }

    void end(boolean refund) {
      Admitted first = open.poll();
      if (first != null) {
        first.refunded = refund;
        if (refund) {
          refundedAt = store.nowMillis();
          first.ticket.refund();
        } else {
          first.ticket.keep();
        }
      }
    }

    /** Calls, and says whether it passed. */
    boolean call(long weight) {
      Demand demand = new Demand("", null, Map.of("calls", weight));
      List<Verdict> verdicts = new ArrayList<>();
      Call call = new Call(Runnable::run, () -> true).prepare(entitlements, "", demand);
      limits.admit(call, verdicts::add);
      for (int i = 0; i < 30 && verdicts.isEmpty(); i++) {
        pass(10);
      }
      assertThat(verdicts).hasSize(1);
      Verdict verdict = verdicts.get(0);
      if (verdict.admitted()) {
        Admitted admitted = new Admitted(verdict.ticket(), store.nowMillis(), weight);
        open.add(admitted);
        all.add(admitted);
        assertThat(used()).isLessThanOrEqualTo(amount);
        assertThat(open.size()).isLessThanOrEqualTo(permits);
        assertThat(level(false)).as("level in thousandths").isGreaterThanOrEqualTo(0);
      } else {
        verdict.ticket().keep();
        refusedForAReason(verdict, weight);
      }
      return verdict.admitted();
    }

    private void refusedForAReason(Verdict verdict, long weight) {
      assertThat(verdict.outcome(verdict.deciding())).isEqualTo(Outcome.DENIED);
      for (int i = 0; i < verdict.size(); i++) {
        if (verdict.outcome(i) == Outcome.DENIED) {
          switch (verdict.kind(i)) {
            // Leases that ran out unspent are refilled for like spent ones: not an ideal bucket's.
            case RATE -> assertThat(level(true) / 1_000 - weight).isLessThan(burst);
            // A refusal holds for up to half a second, also where units come back meanwhile.
            case QUOTA -> {
              if (store.nowMillis() - refundedAt > 600) {
                assertThat(used() + weight).isGreaterThan(amount);
              }
            }
            case CONCURRENCY -> assertThat(open).hasSize(permits);
          }
        }
      }
    }

    /** Units of the quota used in the present hour. */
    private long used() {
      long hour = (store.nowMillis() - NOON.toEpochMilli()) / HOUR;
      return all.stream()
          .filter(call -> (call.at - NOON.toEpochMilli()) / HOUR == hour && !call.refunded)
          .mapToLong(call -> call.weight)
          .sum();
    }

    /**
     * An ideal bucket's level in thousandths of a unit.
     *
     * @param spentAnyway whether what was refunded is spent as well: a bucket need not give back
     */
    private long level(boolean spentAnyway) {
      long full = burst * 1_000;
      long level = full;
      long since = NOON.toEpochMilli();
      for (Admitted call : all) {
        if (spentAnyway || !call.refunded) {
          level = Math.min(full, level + (call.at - since) * rate) - call.weight * 1_000;
          since = call.at;
        }
      }
      return Math.min(full, level + (store.nowMillis() - since) * rate);
    }

    /** What is left of the quota is there to the last unit, and all permits are. */
    void useUp() {
      while (!open.isEmpty()) {
        end(false);
      }
      for (int i = 0; i < 10_000 && used() < amount; i++) {
        if (call(1)) {
          end(false);
        } else {
          pass(1_000);
        }
      }
      assertThat(used()).isEqualTo(amount);
      pass(2 * HOUR);
      for (int i = 0; i < Math.min(permits, Math.min(amount, burst)); i++) {
        assertThat(call(1)).isTrue();
      }
    }
  }

  /** Threads that take from the same leases at once: what one takes for nothing comes back. */
  @Example
  void threads_takeFromAllOrFromNone() throws Exception {
    long amount = 20_000;
    int permits = 6;
    DirectStore store = new DirectStore(NOON.toEpochMilli());
    LeasedLimits limits = new LeasedLimits(store, SETTINGS, store::nanos, null, alert -> {});
    Entitlements entitlements =
        Sample.tenant("t")
            .quota("day", amount, Sample.monthly())
            .quota("month", 3 * amount, Sample.monthly())
            .permits("c", permits, PERMIT_TTL)
            .entitlements();
    AtomicLong used = new AtomicLong();
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        SplittableRandom random = new SplittableRandom(i);
        callers.add(
            threads.submit(
                () -> {
                  boolean spent = false;
                  while (!spent) {
                    long weight = 1L + random.nextInt(3);
                    Verdict verdict = admit(limits, entitlements, weight);
                    if (verdict.admitted()) {
                      used.addAndGet(weight);
                      most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                      atOnce.decrementAndGet();
                      verdict.ticket().keep();
                    } else {
                      spent = weight == 1 && verdict.name(verdict.deciding()).equals("day");
                    }
                  }
                }));
      }
      while (!callers.stream().allMatch(Future::isDone)) {
        limits.tick();
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    assertThat(used.get()).isEqualTo(amount);
    assertThat(most.get()).isLessThanOrEqualTo(permits);
    limits.leave().get(20, TimeUnit.SECONDS);
    for (String quota : List.of("day", "month")) {
      long taken = store.counter("t", quota).holdings().stream().mapToLong(Holding::taken).sum();
      assertThat(taken).as(quota).isEqualTo(amount);
    }
  }

  private static Verdict admit(LeasedLimits limits, Entitlements entitlements, long weight) {
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    Demand demand = new Demand("", null, Map.of("calls", weight));
    limits.admit(new Call(Runnable::run).prepare(entitlements, "", demand), verdict::complete);
    return verdict.orTimeout(20, TimeUnit.SECONDS).join();
  }
}
