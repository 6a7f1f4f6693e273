package io.tollgate.agent.install;

import io.tollgate.agent.report.Log;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.utility.JavaModule;
import org.jspecify.annotations.Nullable;

/** Says which class could not be woven; it stays as it was. */
final class Failures extends AgentBuilder.Listener.Adapter {
  @Override
  public void onError(
      String type,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      boolean loaded,
      Throwable failure) {
    Log.say("class " + type + " stays as it is, its calls are not counted: " + failure);
  }
}
