package io.tollgate.agent.install;

import io.tollgate.agent.hook.Hook;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** Inlined around the method that serves a request. */
final class RequestAdvice {
  private RequestAdvice() {}

  @Advice.OnMethodEnter(suppress = Throwable.class)
  static @Nullable Object begin(@RequestTenant @Nullable String tenant) {
    return Hook.enter(tenant);
  }

  @Advice.OnMethodExit(onThrowable = Throwable.class)
  static void end(@Advice.Enter @Nullable Object previous) {
    Hook.exit(previous);
  }
}
