package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process and its children have used so far, from Linux's {@code /proc}. */
final class Cpu {
  /** USER_HZ, which Linux fixes at 100 for every architecture a JDK runs on. */
  private static final long TICK_MICROS = 10_000;

  private Cpu() {}

  /** User and system time in microseconds, of the process and its living descendants. */
  static long micros(ProcessHandle process) {
    long own = stat(process.pid());
    return own + process.descendants().mapToLong(child -> stat(child.pid())).sum();
  }

  /** Resident memory in KiB, of the process and its living descendants. */
  static long residentKib(ProcessHandle process) {
    long own = resident(process.pid());
    return own + process.descendants().mapToLong(child -> resident(child.pid())).sum();
  }

  private static long stat(long pid) {
    String stat = read(pid, "stat");
    if (stat.isEmpty()) {
      return 0;
    }
    // The second field is the command in parentheses and may hold blanks; counting starts behind
    // it.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MICROS;
  }

  private static long resident(long pid) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  private static String read(long pid, String file) {
    Path path = Path.of("/proc", Long.toString(pid), file);
    try {
      return Files.exists(path) ? Files.readString(path) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
