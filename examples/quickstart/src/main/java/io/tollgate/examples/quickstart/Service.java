package io.tollgate.examples.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One of the quickstart's processes, with its log file. */
final class Service {
  private final String name;
  private final Path log;
  private final Process process;

  private Service(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a process that does not hear the terminal's Ctrl-C: the terminal sends it to the whole
   * process group, and only the quickstart itself knows the order in which to stop.
   */
  static Service start(String name, List<String> command, Map<String, String> secrets, Path log) {
    List<String> shielded = new ArrayList<>(List.of("sh", "-c", "trap '' INT; exec \"$@\"", name));
    shielded.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(shielded);
    builder.environment().putAll(secrets);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    try {
      return new Service(name, log, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be started", e);
    }
  }

  String name() {
    return name;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What a person needs to know about a process that ended: its status and its last words. */
  String epitaph() {
    return name + " ended with status " + process.exitValue() + "; its log is " + log + lastLines();
  }

  private String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      List<String> last = lines.subList(Math.max(0, lines.size() - 5), lines.size());
      return last.isEmpty() ? "" : ", which ends:\n    " + String.join("\n    ", last);
    } catch (IOException e) {
      return "";
    }
  }

  /** Asks the process to end, waits up to 20 s, and ends it by force after that. */
  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
