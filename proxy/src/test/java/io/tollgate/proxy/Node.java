package io.tollgate.proxy;

import io.tollgate.proxy.limit.hazelcast.TestJvm;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A proxy as users start it, in a process of its own. Not thread-safe, but for its addresses. */
final class Node implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 2_000;

  /** The launcher's, but for the second compiler: it is not started to run for long. */
  private static final List<String> OPTIONS =
      List.of(
          "-Xms24m",
          "-Xmx96m",
          "-XX:MaxNewSize=16m",
          "-Xss512k",
          "-XX:MaxDirectMemorySize=64m",
          "-XX:TieredStopAtLevel=1",
          "-Dio.netty.allocator.maxOrder=5",
          // A split heals sooner than by default.
          "-Dhazelcast.merge.first.run.delay.seconds=2",
          "-Dhazelcast.merge.next.run.delay.seconds=2");

  final int number;
  final String name;
  final Seat seat;
  private final int silence;
  private final Path config;
  private final Path log;
  private @Nullable Process process;

  /**
   * A proxy that is not started yet.
   *
   * @param silence seconds after which the others take it for dead
   */
  Node(int number, Seat seat, Path folder, int silence) {
    this.silence = silence;
    this.number = number;
    this.name = "n" + number;
    this.seat = seat;
    this.config = folder.resolve(name + ".yaml");
    this.log = folder.resolve(name + ".log");
  }

  /** From its next start on. */
  void configure(String settings) throws IOException {
    Files.writeString(config, settings);
  }

  void start() throws IOException {
    List<String> options = new ArrayList<>(OPTIONS);
    options.add("-Dhazelcast.max.no.heartbeat.seconds=" + silence);
    options.addAll(seat.options());
    List<String> command = new ArrayList<>(seat.enter());
    command.addAll(
        TestJvm.command(Launcher.class, options, List.of("--config", config.toString())));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TOKEN", "proxy-token");
    process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /** SIGKILL. */
  void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
      process = null;
    }
  }

  /** SIGSTOP: it does nothing until {@link #wake}. */
  void stop() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  void wake() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException(name + " does not run");
    }
    Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(running.pid())).start();
    if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new IOException("kill -" + signal);
    }
  }

  /** Whether it takes calls and knows so many members of its cluster, itself included. */
  boolean isReadyAmong(int members) {
    return ask("/ready") != null && metric("tollgate_limit_members") == members;
  }

  /** The value of a metric without labels; -1 where it is not to be had. */
  long metric(String metric) {
    String metrics = ask("/metrics");
    return metrics == null
        ? -1
        : metrics
            .lines()
            .filter(line -> line.startsWith(metric + " "))
            .mapToLong(line -> (long) Double.parseDouble(line.substring(metric.length() + 1)))
            .findFirst()
            .orElse(-1);
  }

  /** What the admin port answers with 200, else null. */
  @Nullable String ask(String path) {
    try {
      URI uri = URI.create("http://" + seat.host() + ":" + seat.adminPort() + path);
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      if (connection.getResponseCode() != 200) {
        return null;
      }
      return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null; // not up, or not answering
    }
  }

  /** The end of what it logged. */
  String lastWords() throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    return name
        + ":\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  @Override
  public void close() {
    kill();
  }
}
