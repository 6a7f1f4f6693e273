import java.io.IOException;
import java.util.Map;

/**
 * Has the launcher make its class archive at the end of the build, with the JDK that runs this: so
 * that already the first start maps it. A start makes what is missing, so that a build which cannot
 * (no loopback, another system) goes on without.
 */
public final class MakeArchive {
  private MakeArchive() {}

  /** Takes the launcher's path. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    ProcessBuilder launcher = new ProcessBuilder(arguments[0], "--archive").inheritIO();
    Map<String, String> environment = launcher.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    if (launcher.start().waitFor() != 0) {
      System.out.println("No class archive was made: the first start will try again.");
    }
  }
}
