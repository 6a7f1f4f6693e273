package io.tollgate.agent;

import io.tollgate.agent.config.Settings;
import io.tollgate.agent.config.SettingsException;
import io.tollgate.agent.context.ThreadContext;
import io.tollgate.agent.hook.Hook;
import io.tollgate.agent.install.Installation;
import io.tollgate.agent.report.Counters;
import io.tollgate.agent.report.Log;
import io.tollgate.agent.report.Reporter;
import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/** Puts the agent together. */
public final class Agent {
  private Agent() {}

  /**
   * Starts the agent. A wrong setting is told on stderr and leaves the host without an agent;
   * without a configured feature nothing is loaded or started at all.
   *
   * @param arguments the agent's arguments, if any
   * @param instrumentation the JVM's instrumentation
   * @param attached whether the host was running already
   * @throws ClassNotFoundException if the agent's jar is damaged
   */
  public static void start(
      @Nullable String arguments, Instrumentation instrumentation, boolean attached)
      throws ClassNotFoundException {
    Settings settings;
    try {
      settings = Settings.read(arguments, System.getenv());
    } catch (SettingsException wrong) {
      Log.say("stays passive, the host is unaffected. " + wrong.getMessage());
      return;
    }
    if (settings.features().isEmpty()) {
      Log.say("has nothing to count; configure features.<feature key> = package.Class#method");
      return;
    }
    start(settings, instrumentation, attached);
  }

  private static void start(Settings settings, Instrumentation instrumentation, boolean attached)
      throws ClassNotFoundException {
    Counters counters =
        new Counters(settings.features().size(), settings.mostTenants(), settings.overflowTenant());
    ThreadContext context = new ThreadContext(counters);
    Installation installation = Installation.install(settings, instrumentation, attached);
    Hook.handleWith(context);
    Reporter.start(settings, counters);
    Thread end = new Thread(new End(installation), "tollgate-agent-unmet");
    end.setContextClassLoader(Agent.class.getClassLoader());
    Runtime.getRuntime().addShutdownHook(end);
    Log.say(
        "counts "
            + settings.features().size()
            + " features as "
            + settings.source()
            + ", reports to "
            + settings.letterbox());
  }

  /** What the JVM runs at its end. */
  private static final class End implements Runnable {
    private final Installation installation;

    End(Installation installation) {
      this.installation = installation;
    }

    @Override
    public void run() {
      for (String line : installation.unmet()) {
        Log.say(line);
      }
    }
  }
}
