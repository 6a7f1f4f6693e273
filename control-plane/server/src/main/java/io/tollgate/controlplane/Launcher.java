package io.tollgate.controlplane;

import java.lang.reflect.InvocationTargetException;

/**
 * What {@code java -jar} starts. Compiled for Java 8, so that a JVM too old for the control plane
 * can say so in one line instead of failing on a class file it does not know.
 */
public final class Launcher {
  private static final int OLDEST = 21;

  private Launcher() {}

  /** Hands over to {@code ControlPlaneMain}, or ends with status 1 where Java is older than 21. */
  public static void main(String[] args) throws ReflectiveOperationException {
    String version = System.getProperty("java.specification.version", "");
    if (version.startsWith("1.") || Integer.parseInt(version) < OLDEST) {
      System.err.println(
          "Tollgate needs Java "
              + OLDEST
              + " or newer, and "
              + System.getProperty("java.home")
              + " is Java "
              + version
              + "; start it with a newer one, such as Temurin from https://adoptium.net");
      System.exit(1);
    }
    try {
      Class.forName("io.tollgate.controlplane.ControlPlaneMain")
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      // Threads that were started by then would keep a process alive that does nothing.
      e.getTargetException().printStackTrace();
      System.exit(1);
    }
  }
}
