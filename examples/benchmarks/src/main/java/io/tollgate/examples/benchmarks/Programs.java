package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The processes of one benchmark: found, pinned, started and ended here. */
final class Programs implements AutoCloseable {
  private final Deque<Process> running = new ArrayDeque<>();
  private final Path directory;

  /** Programs that log into the directory. */
  Programs(Path directory) {
    this.directory = directory;
  }

  /** Where an installed program is, or empty where it is not. */
  static Optional<Path> find(String name) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/sbin";
    return Stream.of(path.split(":", -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A port nobody listens on at the moment. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Starts a program on one processor where {@code taskset} is installed. */
  Process start(String name, int processor, List<String> command) throws IOException {
    List<String> pinned = new ArrayList<>();
    find("taskset")
        .filter(tool -> Runtime.getRuntime().availableProcessors() > 1)
        .ifPresent(
            tool -> pinned.addAll(List.of(tool.toString(), "-c", Integer.toString(processor))));
    pinned.addAll(command);
    return startAnywhere(name, pinned);
  }

  /** Starts a program on whichever processors it gets. */
  Process startAnywhere(String name, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    running.push(process);
    return process;
  }

  /** Waits until something listens on the port. */
  static void awaitPort(Process process, int port) throws IOException, InterruptedException {
    for (int i = 0; i < 9000; i++) {
      if (!process.isAlive()) {
        throw new IOException(
            "a program ended before it listened on port " + port + "; see its log");
      }
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
        return;
      } catch (IOException e) {
        Thread.sleep(10);
      }
    }
    throw new IOException("nothing listened on port " + port + " within 90 s");
  }

  @Override
  public void close() {
    running.forEach(Process::destroy);
    for (Process process : running) {
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
      }
    }
  }
}
