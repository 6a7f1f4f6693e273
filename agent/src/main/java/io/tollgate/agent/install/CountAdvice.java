package io.tollgate.agent.install;

import io.tollgate.agent.hook.Hook;
import net.bytebuddy.asm.Advice;

/**
 * Inlined where a configured method returns. A call that ends with an exception did not deliver the
 * feature and is not counted.
 */
final class CountAdvice {
  private CountAdvice() {}

  @Advice.OnMethodExit
  static void returned(@FeatureNumber int feature) {
    Hook.count(feature);
  }
}
