package io.tollgate.agent.install;

import java.security.ProtectionDomain;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.utility.JavaModule;
import org.jspecify.annotations.Nullable;

/** Classes that are never woven whatever the configuration names: agents, this one first. */
final class Bystanders implements AgentBuilder.RawMatcher {
  private static final String[] AGENTS = {
    "io.tollgate.agent.",
    "io.opentelemetry.javaagent.",
    "co.elastic.apm.agent.",
    "co.elastic.otel.",
    "datadog.",
    "com.datadog.",
    "com.newrelic.",
    "com.appdynamics.",
    "com.dynatrace.",
    "com.instana.",
    "org.apache.skywalking.apm.",
    "com.navercorp.pinpoint.",
    "org.glowroot.agent.",
    "rocks.inspectit.",
    "kanela.agent.",
    "org.jacoco.agent.",
    "net.bytebuddy.",
    "com.intellij.rt.debugger.agent.",
  };

  @Override
  public boolean matches(
      TypeDescription type,
      @Nullable ClassLoader loader,
      @Nullable JavaModule module,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain) {
    String name = type.getName();
    for (String agent : AGENTS) {
      if (name.startsWith(agent)) {
        return true;
      }
    }
    return false;
  }
}
