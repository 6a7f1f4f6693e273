package io.tollgate.agent.install;

import io.tollgate.agent.config.Settings;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.dynamic.scaffold.InstrumentedType;
import net.bytebuddy.dynamic.scaffold.TypeValidation;

/** Weaves the hook into the host. */
public final class Installation {
  private static final int BATCH = 100;
  private static final int PAUSE_MILLIS = 100;

  private final FeatureWeaving features;

  private Installation(FeatureWeaving features) {
    this.features = features;
  }

  /**
   * Weaves the classes that are loaded, and those that will be.
   *
   * @param settings what is counted
   * @param instrumentation the JVM's instrumentation
   * @param attached whether the host is running already; its classes are then woven in batches with
   *     pauses, since each batch stops the host for a moment
   * @return what can be asked about it later
   */
  public static Installation install(
      Settings settings, Instrumentation instrumentation, boolean attached) {
    // Byte Buddy would otherwise look for a place among the host's classes, by means the JDK
    // forbids.
    System.setProperty("net.bytebuddy.nexus.disabled", "true");
    loadBeforehand();
    FeatureWeaving features = new FeatureWeaving(settings.features());
    AgentBuilder builder = agentBuilder(attached).type(features).transform(features);
    for (RequestWeaving request : RequestWeaving.values()) {
      builder = builder.type(request).transform(request);
    }
    if (settings.carriesContext()) {
      CarryWeaving carry = new CarryWeaving();
      builder = builder.type(carry).transform(carry);
    }
    builder.installOn(instrumentation);
    return new Installation(features);
  }

  /**
   * Which configured methods have met no class so far. A misspelt name can be noticed in no other
   * way.
   *
   * @return a line for people each
   */
  public List<String> unmet() {
    return features.unmet();
  }

  private static AgentBuilder agentBuilder(boolean attached) {
    AgentBuilder.RedefinitionListenable.WithoutBatchStrategy builder =
        new AgentBuilder.Default(
                new ByteBuddy()
                    .with(TypeValidation.DISABLED)
                    .with(InstrumentedType.Factory.Default.FROZEN))
            .with(AgentBuilder.TypeStrategy.Default.DECORATE)
            .disableClassFormatChanges()
            .with(AgentBuilder.DescriptionStrategy.Default.POOL_ONLY)
            .with(new Failures())
            .ignore(new Bystanders())
            .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION);
    return attached
        ? builder
            .with(AgentBuilder.RedefinitionStrategy.BatchAllocator.ForFixedSize.ofSize(BATCH))
            .with(
                AgentBuilder.RedefinitionStrategy.Listener.Pausing.of(
                    PAUSE_MILLIS, TimeUnit.MILLISECONDS))
        : builder;
  }

  /** Classes that deadlock if two threads first load them in the middle of weaving. */
  private static void loadBeforehand() {
    ThreadLocalRandom.current();
    try {
      Class.forName("java.lang.invoke.MethodHandle$1", true, null);
    } catch (ClassNotFoundException otherJdk) {
      return;
    }
  }
}
