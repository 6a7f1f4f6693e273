package io.tollgate.agent.context;

import io.tollgate.agent.report.TenantCounters;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A task of the host together with the tenant for whom it was handed over. One class for each
 * functional interface, so that nobody finds a task to be more than it was.
 */
abstract class Carried {
  final TenantCounters tenant;

  Carried(TenantCounters tenant) {
    this.tenant = tenant;
  }

  /** A task that runs the given one for a tenant; the task itself where its type is not known. */
  @SuppressWarnings("unchecked")
  static Object of(TenantCounters tenant, Object task, Class<?> type) {
    if (type == Runnable.class || type == Thread.class) {
      return new OfRunnable(tenant, (Runnable) task);
    } else if (type == Callable.class) {
      return new OfCallable(tenant, (Callable<Object>) task);
    } else if (type == Supplier.class) {
      return new OfSupplier(tenant, (Supplier<Object>) task);
    } else if (type == Consumer.class) {
      return new OfConsumer(tenant, (Consumer<Object>) task);
    } else if (type == BiConsumer.class) {
      return new OfBiConsumer(tenant, (BiConsumer<Object, Object>) task);
    } else if (type == Function.class) {
      return new OfFunction(tenant, (Function<Object, Object>) task);
    } else if (type == BiFunction.class) {
      return new OfBiFunction(tenant, (BiFunction<Object, Object, Object>) task);
    }
    return task;
  }

  /** Loads every class of this file, so that no host thread has to in the middle of its work. */
  static void load() throws ClassNotFoundException {
    for (Class<?> type : Carried.class.getDeclaredClasses()) {
      Class.forName(type.getName(), true, Carried.class.getClassLoader());
    }
  }

  private static final class OfRunnable extends Carried implements Runnable {
    private final Runnable task;

    OfRunnable(TenantCounters tenant, Runnable task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public void run() {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        task.run();
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }

  private static final class OfCallable extends Carried implements Callable<Object> {
    private final Callable<Object> task;

    OfCallable(TenantCounters tenant, Callable<Object> task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public Object call() throws Exception {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        return task.call();
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }

  private static final class OfSupplier extends Carried implements Supplier<Object> {
    private final Supplier<Object> task;

    OfSupplier(TenantCounters tenant, Supplier<Object> task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public Object get() {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        return task.get();
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }

  private static final class OfConsumer extends Carried implements Consumer<Object> {
    private final Consumer<Object> task;

    OfConsumer(TenantCounters tenant, Consumer<Object> task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public void accept(Object value) {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        task.accept(value);
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }

  private static final class OfBiConsumer extends Carried implements BiConsumer<Object, Object> {
    private final BiConsumer<Object, Object> task;

    OfBiConsumer(TenantCounters tenant, BiConsumer<Object, Object> task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public void accept(Object first, Object second) {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        task.accept(first, second);
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }

  private static final class OfFunction extends Carried implements Function<Object, Object> {
    private final Function<Object, Object> task;

    OfFunction(TenantCounters tenant, Function<Object, Object> task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public Object apply(Object value) {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        return task.apply(value);
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }

  private static final class OfBiFunction extends Carried
      implements BiFunction<Object, Object, Object> {
    private final BiFunction<Object, Object, Object> task;

    OfBiFunction(TenantCounters tenant, BiFunction<Object, Object, Object> task) {
      super(tenant);
      this.task = task;
    }

    @Override
    public Object apply(Object first, Object second) {
      TenantCounters previous = ThreadContext.bind(tenant);
      try {
        return task.apply(first, second);
      } finally {
        ThreadContext.bind(previous);
      }
    }
  }
}
