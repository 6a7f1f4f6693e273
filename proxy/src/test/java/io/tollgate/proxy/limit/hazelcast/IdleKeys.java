package io.tollgate.proxy.limit.hazelcast;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.DirectStore;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.Sample;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.function.IntFunction;

/**
 * Keys, or tenants, that call once and never again, in a JVM of its own and a time of its own.
 * Arguments: {@code keys} or {@code tenants}, and how many. Prints the heap in use after a full
 * collection: before, while they are remembered, and some idle minutes later; then what is left of
 * them with the node and in the cells.
 */
final class IdleKeys {
  /** Keys of a tenant. */
  private static final int KEYS = 50_000;

  private static final int IDLE_MINUTES = 5;
  private static final int STEP_SECONDS = 5;

  private final DirectStore store =
      new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final LeasedLimits limits =
      new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, alert -> {});
  private final Entitlements[] busy;

  private IdleKeys(int tenants) {
    busy = new Entitlements[tenants];
    for (int i = 0; i < tenants; i++) {
      busy[i] = tenant("busy-" + i);
    }
  }

  public static void main(String[] args) {
    int count = Integer.parseInt(args[1]);
    IdleKeys idle = new IdleKeys(Math.max(1, count / KEYS));
    switch (args[0]) {
      case "keys" ->
          idle.measure(
              count,
              i ->
                  new Call(Runnable::run)
                      .prepare(idle.busy[i % idle.busy.length], "key-" + i, Sample.ONE_CALL));
      case "tenants" ->
          idle.measure(
              count,
              i -> new Call(Runnable::run).prepare(tenant("once-" + i), "key", Sample.ONE_CALL));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** A limit by key and one of the tenant that is far from spent, whose leases last. */
  private static Entitlements tenant(String name) {
    return Sample.tenant(name)
        .rateByKey("key", 10, Duration.ofSeconds(1), 5)
        .rate("tenant", 100_000, Duration.ofMinutes(1), 100_000)
        .entitlements();
  }

  private void measure(int count, IntFunction<Call> calls) {
    // Twice, so that what the first of them brings into being counts as there before.
    callBusy();
    once(count / 10 + 1, calls);
    pass();
    System.out.println(used());
    once(count, calls);
    System.out.println(used());
    pass();
    System.out.println(used());
    System.out.println(limits.tenants() - busy.length);
    System.out.println(store.counters() - 2 * busy.length);
  }

  private void once(int count, IntFunction<Call> calls) {
    for (int i = 0; i < count; i++) {
      admit(calls.apply(i));
    }
  }

  /** Minutes in which only the busy tenants call, by one key each. */
  private void pass() {
    for (int second = 0; second < 60 * IDLE_MINUTES; second += STEP_SECONDS) {
      store.advance(STEP_SECONDS * 1_000);
      limits.sweep();
      limits.tick();
      callBusy();
    }
    store.forget();
  }

  private void callBusy() {
    for (Entitlements tenant : busy) {
      admit(new Call(Runnable::run).prepare(tenant, "busy", Sample.ONE_CALL));
    }
  }

  private void admit(Call call) {
    limits.admit(
        call,
        verdict -> {
          if (!verdict.admitted()) {
            throw new IllegalStateException("refused");
          }
          verdict.ticket().keep();
        });
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
