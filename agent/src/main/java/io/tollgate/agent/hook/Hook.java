package io.tollgate.agent.hook;

import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What woven host code calls. Every method is safe from any thread, at any time of the JVM's life,
 * and never throws: without a handler it does nothing, and a handler that fails is not heard of by
 * the host.
 */
public final class Hook {
  private static volatile Handler handler = new Handler();

  private Hook() {}

  /** What stands behind the hook. This class itself does nothing at all. */
  public static class Handler {
    /** For subclasses, and for the handler that does nothing. */
    public Handler() {}

    /**
     * A configured method has returned.
     *
     * @param feature the feature's number in the configuration, from 0
     */
    public void count(int feature) {}

    /**
     * This thread begins to serve a request.
     *
     * @param tenant the request's tenant, null where it names none
     * @return what {@link #exit} restores
     */
    public @Nullable Object enter(@Nullable String tenant) {
      return null;
    }

    /**
     * This thread has served the request.
     *
     * @param previous what {@link #enter} returned
     */
    public void exit(@Nullable Object previous) {}

    /**
     * A task is handed to another thread.
     *
     * @param task the task
     * @param type the functional interface of the JDK it is handed over as; {@link Thread} for a
     *     {@link Runnable} that becomes the whole of a new thread
     * @return the task itself, or one of that type that runs it for this thread's tenant
     */
    public Object carry(Object task, Class<?> type) {
      return task;
    }
  }

  /**
   * Sets what stands behind the hook from now on.
   *
   * @param next the handler
   */
  public static void handleWith(Handler next) {
    handler = next;
  }

  /**
   * Counts one call of a configured method.
   *
   * @param feature the feature's number, a constant of the woven code
   */
  public static void count(int feature) {
    try {
      handler.count(feature);
    } catch (Throwable neverTheHosts) {
      return;
    }
  }

  /**
   * Binds a request's tenant to this thread.
   *
   * @param tenant the tenant, null where the request names none
   * @return what to give back to {@link #exit}
   */
  public static @Nullable Object enter(@Nullable String tenant) {
    try {
      return handler.enter(tenant);
    } catch (Throwable neverTheHosts) {
      return null;
    }
  }

  /**
   * Binds again what was bound before.
   *
   * @param previous what {@link #enter} returned
   */
  public static void exit(@Nullable Object previous) {
    try {
      handler.exit(previous);
    } catch (Throwable neverTheHosts) {
      return;
    }
  }

  /**
   * Carries this thread's tenant to whoever runs the task.
   *
   * @param task the task, null passes
   * @return the task to hand over instead
   */
  public static @Nullable Runnable carryRunnable(@Nullable Runnable task) {
    return (Runnable) carried(task, Runnable.class);
  }

  /**
   * Carries this thread's tenant to a new thread.
   *
   * @param task all that the thread will run, null passes
   * @return the task to hand over instead
   */
  public static @Nullable Runnable carryThread(@Nullable Runnable task) {
    return (Runnable) carried(task, Thread.class);
  }

  /**
   * Carries this thread's tenant to whoever calls the task.
   *
   * @param task the task, null passes
   * @return the task to hand over instead
   */
  public static @Nullable Callable<?> carryCallable(@Nullable Callable<?> task) {
    return (Callable<?>) carried(task, Callable.class);
  }

  /**
   * Carries this thread's tenant to whoever calls the function.
   *
   * @param task the function, null passes
   * @return the function to hand over instead
   */
  public static @Nullable Supplier<?> carrySupplier(@Nullable Supplier<?> task) {
    return (Supplier<?>) carried(task, Supplier.class);
  }

  /**
   * Carries this thread's tenant to whoever calls the function.
   *
   * @param task the function, null passes
   * @return the function to hand over instead
   */
  public static @Nullable Consumer<?> carryConsumer(@Nullable Consumer<?> task) {
    return (Consumer<?>) carried(task, Consumer.class);
  }

  /**
   * Carries this thread's tenant to whoever calls the function.
   *
   * @param task the function, null passes
   * @return the function to hand over instead
   */
  public static @Nullable BiConsumer<?, ?> carryBiConsumer(@Nullable BiConsumer<?, ?> task) {
    return (BiConsumer<?, ?>) carried(task, BiConsumer.class);
  }

  /**
   * Carries this thread's tenant to whoever calls the function.
   *
   * @param task the function, null passes
   * @return the function to hand over instead
   */
  public static @Nullable Function<?, ?> carryFunction(@Nullable Function<?, ?> task) {
    return (Function<?, ?>) carried(task, Function.class);
  }

  /**
   * Carries this thread's tenant to whoever calls the function.
   *
   * @param task the function, null passes
   * @return the function to hand over instead
   */
  public static @Nullable BiFunction<?, ?, ?> carryBiFunction(@Nullable BiFunction<?, ?, ?> task) {
    return (BiFunction<?, ?, ?>) carried(task, BiFunction.class);
  }

  private static @Nullable Object carried(@Nullable Object task, Class<?> type) {
    try {
      return task == null ? null : handler.carry(task, type);
    } catch (Throwable neverTheHosts) {
      return task;
    }
  }
}
