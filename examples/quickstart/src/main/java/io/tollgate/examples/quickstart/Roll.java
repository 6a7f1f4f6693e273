package io.tollgate.examples.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The roll of a quickstart's processes, kept in its data folder: a quickstart that is killed cannot
 * end its programs, so the next one does. The first line is the quickstart itself; a process counts
 * as one of the roll only if its start agrees too, as numbers are given anew.
 */
final class Roll {
  private static final String FILE = "running";

  private final Path file;

  private Roll(Path file) {
    this.file = file;
  }

  /**
   * Ends what a killed quickstart left running on this folder, the last started first.
   *
   * @return how many processes were ended; 0 where the quickstart that started them still runs
   */
  static int endLeftovers(Path data) throws InterruptedException {
    Path file = data.resolve(FILE);
    if (!Files.exists(file)) {
      return 0;
    }
    List<String> lines;
    try {
      lines = new ArrayList<>(Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (lines.isEmpty() || find(lines.removeFirst()).isPresent()) {
      return 0;
    }
    Collections.reverse(lines);
    List<ProcessHandle> left =
        Stream.concat(
                lines.stream().flatMap(line -> find(line).stream()), postmaster(data).stream())
            .toList();
    for (ProcessHandle process : left) {
      end(process);
    }
    return left.size();
  }

  /** Begins a roll with this process at its head. */
  static Roll begin(Path data) {
    Roll roll = new Roll(data.resolve(FILE));
    try {
      Files.deleteIfExists(roll.file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    roll.add(ProcessHandle.current());
    return roll;
  }

  /** Enters a started process. */
  synchronized void add(ProcessHandle process) {
    try {
      Files.writeString(
          file, line(process) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Strikes the roll when everything on it has ended. */
  void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(ProcessHandle process) {
    return process.pid()
        + " "
        + process.info().startInstant().map(Instant::toEpochMilli).orElse(-1L);
  }

  private static Optional<ProcessHandle> find(String line) {
    String pid = line.substring(0, Math.max(0, line.indexOf(' ')));
    return pid.matches("[0-9]{1,18}")
        ? ProcessHandle.of(Long.parseLong(pid))
            .filter(ProcessHandle::isAlive)
            .filter(process -> line(process).equals(line))
        : Optional.empty();
  }

  /** PostgreSQL's own process, which outlives the program that started it: its file tells. */
  private static Optional<ProcessHandle> postmaster(Path data) {
    Path pidFile = data.resolve("postgres").resolve("postmaster.pid");
    try {
      List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of("");
      return lines.getFirst().strip().matches("[0-9]{1,18}")
          ? ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
              .filter(process -> process.info().command().orElse("").endsWith("postgres"))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(ProcessHandle process) throws InterruptedException {
    process.destroy();
    try {
      process.onExit().get(20, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      process.destroyForcibly();
    }
  }
}
