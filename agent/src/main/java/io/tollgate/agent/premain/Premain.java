package io.tollgate.agent.premain;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM enters the agent. Hands over to {@code io.tollgate.agent.Agent} in a class loader
 * of its own and lets nothing out: whatever goes wrong is said on stderr, and the host starts.
 *
 * <p>The manifest's {@code Boot-Class-Path} names the jar, so this class and the hook are found by
 * the boot loader. Where the jar was renamed that path leads nowhere; then the jar is appended to
 * the boot loader's search here, which works as well and costs one warning of the JVM.
 */
public final class Premain {
  private static final String AGENT = "io.tollgate.agent.Agent";
  private static boolean started;

  private Premain() {}

  /**
   * Called by the JVM before the host's main method.
   *
   * @param arguments what stands behind {@code -javaagent:tollgate-agent.jar=}, if anything
   * @param instrumentation the JVM's instrumentation
   */
  public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
    enter(arguments, instrumentation, false);
  }

  /**
   * Called by the JVM when the agent is attached to a running host.
   *
   * @param arguments what was handed over on attaching, if anything
   * @param instrumentation the JVM's instrumentation
   */
  public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
    enter(arguments, instrumentation, true);
  }

  /**
   * Starts the agent once in this JVM. Public only because the copy of this class in the system
   * loader calls the copy in the boot loader.
   *
   * @param arguments the agent's arguments, if any
   * @param instrumentation the JVM's instrumentation
   * @param attached whether the host was running already
   */
  public static void enter(
      @Nullable String arguments, Instrumentation instrumentation, boolean attached) {
    try {
      File jar = ownJar();
      if (Premain.class.getClassLoader() != null) {
        instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(jar, false));
        Class.forName(Premain.class.getName(), true, null)
            .getMethod("enter", String.class, Instrumentation.class, boolean.class)
            .invoke(null, arguments, instrumentation, attached);
        return;
      }
      if (isFirst()) {
        start(jar, arguments, instrumentation, attached);
      }
    } catch (Throwable failure) {
      say("did not start, the host is unaffected: " + failure);
    }
  }

  private static void start(
      File jar, @Nullable String arguments, Instrumentation instrumentation, boolean attached)
      throws IOException, ReflectiveOperationException {
    Class.forName(AGENT, true, new AgentClassLoader(jar))
        .getMethod("start", String.class, Instrumentation.class, boolean.class)
        .invoke(null, arguments, instrumentation, attached);
  }

  private static synchronized boolean isFirst() {
    if (started) {
      say("is in this JVM already; the second -javaagent or attach is ignored");
      return false;
    }
    started = true;
    return true;
  }

  private static File ownJar() throws IOException, URISyntaxException {
    String name = Premain.class.getName().replace('.', '/') + ".class";
    URL location = ClassLoader.getSystemResource(name);
    if (location == null || !location.getPath().contains("!/")) {
      throw new IOException("the agent's jar was not found: " + location);
    }
    String path = location.getPath();
    return new File(new URI(path.substring(0, path.indexOf("!/"))));
  }

  private static void say(String message) {
    System.err.println("tollgate-agent: " + message);
  }
}
