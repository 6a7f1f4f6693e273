package io.tollgate.agent.context;

import io.tollgate.agent.hook.Hook;
import io.tollgate.agent.report.Counters;
import io.tollgate.agent.report.TenantCounters;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind the hook: each thread has a slot with the counters of the tenant it serves, so
 * that counting a call takes no look-up. Slots hold objects of the agent only, never the host's.
 * Safe for use by any thread.
 */
public final class ThreadContext extends Hook.Handler {
  private static final ThreadLocal<Slot> SLOT = new Slots();

  private final Counters counters;

  /**
   * A context in which no thread serves anyone yet.
   *
   * @param counters where calls are counted
   * @throws ClassNotFoundException if the agent's jar is damaged
   */
  public ThreadContext(Counters counters) throws ClassNotFoundException {
    this.counters = counters;
    Carried.load();
    SLOT.get();
  }

  @Override
  public void count(int feature) {
    TenantCounters bound = SLOT.get().bound;
    (bound == null ? counters.nobody() : bound).count(feature);
  }

  @Override
  public @Nullable Object enter(@Nullable String tenant) {
    return bind(tenant == null ? null : counters.of(tenant));
  }

  @Override
  public void exit(@Nullable Object previous) {
    SLOT.get().bound = (TenantCounters) previous;
  }

  /** Binds a tenant's counters, or none, to this thread; returns what was bound before. */
  static @Nullable TenantCounters bind(@Nullable TenantCounters counters) {
    Slot slot = SLOT.get();
    TenantCounters previous = slot.bound;
    slot.bound = counters;
    return previous;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where no tenant is bound the task stays itself. A {@link Future} given to {@code execute}
   * stays itself too: its own task was carried when it was made, and executors tell futures apart.
   * So does a {@link Comparable} one, which a priority queue would compare.
   */
  @Override
  public Object carry(Object task, Class<?> type) {
    TenantCounters bound = SLOT.get().bound;
    if (bound == null || task instanceof Carried) {
      return task;
    }
    if (type != Thread.class && (task instanceof Future || task instanceof Comparable)) {
      return task;
    }
    return Carried.of(bound, task, type);
  }

  /** One thread's place for what it serves. */
  private static final class Slot {
    @Nullable TenantCounters bound;
  }

  /** Makes a thread's slot when it is first asked for. */
  private static final class Slots extends ThreadLocal<Slot> {
    @Override
    protected Slot initialValue() {
      return new Slot();
    }
  }
}
