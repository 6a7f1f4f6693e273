package io.tollgate.controlplane;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a command in a JVM that is set up for programs of some seconds: with its first compiler
 * alone and without the counting that the second one needs. A jar cannot carry options of the JVM,
 * and one that runs takes this one no more, so that the command gets a JVM of its own, which takes
 * a fifth less of the processor.
 */
final class BriefJvm {
  private static final String MARK = "tollgate.jvm.brief";

  private static final List<String> OPTIONS =
      List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1", "-D" + MARK + "=true");

  private BriefJvm() {}

  /** Whether this JVM is such a one. */
  static boolean isThis() {
    return Boolean.getBoolean(MARK);
  }

  /** Ends this JVM in order where the process that started it is gone. */
  static void endWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(
            parent ->
                Thread.ofPlatform()
                    .daemon()
                    .name("parent")
                    .start(
                        () -> {
                          parent.onExit().join();
                          System.exit(ControlPlaneMain.FAILED);
                        }));
  }

  /**
   * Runs the program with arguments in such a JVM, on the same standard input and outputs.
   *
   * @return its exit status; empty, and nothing done, where this JVM is one, was given options by
   *     whoever started it, or does not run from a jar
   */
  static OptionalInt run(String... args) {
    if (isThis() || !ManagementFactory.getRuntimeMXBean().getInputArguments().isEmpty()) {
      return OptionalInt.empty();
    }
    return run(
        Path.of(System.getProperty("java.class.path", "").split(File.pathSeparator, 2)[0]), args);
  }

  /** As {@link #run(String...)}, of this jar. */
  static OptionalInt run(Path jar, String... args) {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    if (!Files.isRegularFile(jar)) {
      return OptionalInt.empty();
    }
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(OPTIONS);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(args));
    try {
      return OptionalInt.of(status(new ProcessBuilder(command).inheritIO().start()));
    } catch (IOException e) {
      logger().debug("no other JVM is started: {}", e.toString());
      return OptionalInt.empty();
    }
  }

  /** Waits for its end, and ends it where this process is told to end. */
  private static int status(Process process) {
    Thread ending =
        new Thread(
            () -> {
              process.destroy();
              process.onExit().join();
            },
            "brief-jvm");
    Runtime.getRuntime().addShutdownHook(ending);
    int status = process.onExit().join().exitValue();
    try {
      Runtime.getRuntime().removeShutdownHook(ending);
    } catch (IllegalStateException e) {
      logger().debug("both end: {}", e.toString());
    }
    return status;
  }

  /** Only where there is something to say: it takes longer to make than all the rest. */
  private static Logger logger() {
    return LoggerFactory.getLogger(BriefJvm.class);
  }
}
