package io.tollgate.agent.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.agent.report.Counters;
import io.tollgate.agent.report.TestCounts;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadContextTest {
  private final Counters counters = new Counters(1, 10, "overflow");
  private final ThreadContext context = newContext();

  private ThreadContext newContext() {
    try {
      return new ThreadContext(counters);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void unbind() {
    context.exit(null);
  }

  @Test
  void count_withinARequest_isItsTenants() {
    Object before = context.enter("a");
    context.count(0);
    context.exit(before);
    context.count(0);
    assertThat(TestCounts.of(counters.of("a"))).isEqualTo(1);
    assertThat(TestCounts.of(counters.nobody())).isEqualTo(1);
  }

  @Test
  void exit_ofAnInnerRequest_bindsTheOuterAgain() {
    context.enter("outer");
    Object outer = context.enter("inner");
    context.count(0);
    context.exit(outer);
    context.count(0);
    assertThat(TestCounts.of(counters.of("inner"))).isEqualTo(1);
    assertThat(TestCounts.of(counters.of("outer"))).isEqualTo(1);
  }

  @Test
  void carry_ofEachType_runsForTheTenantWhoHandedItOver() throws Exception {
    context.enter("a");
    Object runnable = context.carry((Runnable) this::use, Runnable.class);
    Object thread = context.carry((Runnable) this::use, Thread.class);
    Object callable = context.carry((Callable<Object>) this::used, Callable.class);
    Object supplier = context.carry((Supplier<Object>) this::used, Supplier.class);
    Object consumer = context.carry((Consumer<Object>) x -> use(), Consumer.class);
    Object biConsumer =
        context.carry((BiConsumer<Object, Object>) (x, y) -> use(), BiConsumer.class);
    Object function = context.carry((Function<Object, Object>) x -> used(), Function.class);
    Object biFunction =
        context.carry((BiFunction<Object, Object, Object>) (x, y) -> used(), BiFunction.class);
    context.exit(null);

    ((Runnable) runnable).run();
    ((Runnable) thread).run();
    assertThat(((Callable<?>) callable).call()).isEqualTo("used");
    assertThat(((Supplier<?>) supplier).get()).isEqualTo("used");
    accept((Consumer<?>) consumer);
    accept((BiConsumer<?, ?>) biConsumer);
    assertThat(((Function<?, ?>) function).apply(null)).isEqualTo("used");
    assertThat(((BiFunction<?, ?, ?>) biFunction).apply(null, null)).isEqualTo("used");
    assertThat(TestCounts.of(counters.of("a"))).isEqualTo(8);
    assertThat(TestCounts.of(counters.nobody())).isZero();
  }

  @Test
  void carry_withoutTenant_leavesTheTask() {
    Runnable task = this::use;
    assertThat(context.carry(task, Runnable.class)).isSameAs(task);
  }

  @Test
  void carry_ofAFutureOrCarriedTask_leavesIt() {
    context.enter("a");
    FutureTask<Object> future = new FutureTask<>(this::used);
    assertThat(context.carry(future, Runnable.class)).isSameAs(future);
    assertThat(context.carry(future, Thread.class)).isNotSameAs(future);
    Object carried = context.carry((Runnable) this::use, Runnable.class);
    assertThat(context.carry(carried, Runnable.class)).isSameAs(carried);
  }

  @Test
  void carry_ofAFailingTask_unbindsItsThread() {
    context.enter("a");
    Runnable carried =
        (Runnable)
            context.carry(
                (Runnable)
                    () -> {
                      throw new IllegalStateException();
                    },
                Runnable.class);
    context.exit(null);
    try {
      carried.run();
    } catch (IllegalStateException expected) {
      use();
    }
    assertThat(TestCounts.of(counters.nobody())).isEqualTo(1);
  }

  @SuppressWarnings("unchecked")
  private static void accept(Consumer<?> consumer) {
    ((Consumer<Object>) consumer).accept("");
  }

  @SuppressWarnings("unchecked")
  private static void accept(BiConsumer<?, ?> consumer) {
    ((BiConsumer<Object, Object>) consumer).accept("", "");
  }

  private void use() {
    context.count(0);
  }

  private Object used() {
    context.count(0);
    return "used";
  }
}
