package io.tollgate.proxy.limit.hazelcast;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programs of this test's class path in JVMs of their own. */
public final class TestJvm {
  private TestJvm() {}

  /** The command that starts a small JVM with the program. */
  public static List<String> command(
      Class<?> program, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), program.getName()));
    command.addAll(arguments);
    return command;
  }

  /** Runs the program to its end; what it said. Its errors go to this test's. */
  static List<String> run(Class<?> program, List<String> options, List<String> arguments)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command(program, options, arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      List<String> said = process.inputReader().lines().toList();
      if (process.waitFor() != 0) {
        throw new IOException(program.getSimpleName() + " failed: " + said);
      }
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  /** What this test runs on, whether a launcher put it there or the command line. */
  private static String classPath() {
    ClassLoader loader = TestJvm.class.getClassLoader();
    if (!(loader instanceof URLClassLoader urls)) {
      return System.getProperty("java.class.path");
    }
    return Stream.of(urls.getURLs())
        .map(url -> Path.of(URI.create(url.toString())).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
