package io.tollgate.proxy.limit.hazelcast;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A member of a dedicated cluster in a JVM of its own. Arguments: cluster, node, port, addresses of
 * others. Leaves in order when its standard input ends.
 */
final class MemberProcess {
  private MemberProcess() {}

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[2]);
    List<String> others = List.of(args).subList(3, args.length);
    try (LimitMember member = LimitMember.join(settings(args[0], args[1], port, others))) {
      System.out.println("joined");
      while (System.in.read() >= 0) {
        // Runs until the parent closes the pipe, or kills.
      }
      assert member != null;
    }
    System.exit(0);
  }

  static ClusterSettings settings(String cluster, String node, int port, List<String> members) {
    return new ClusterSettings(cluster, node, "127.0.0.1", port, members, Duration.ofSeconds(1));
  }

  /** Starts one and waits until it has joined. */
  static Process start(String cluster, String node, int port, Path log) throws IOException {
    return start(cluster, node, port, List.of(), log);
  }

  /** The same beside others, {@code host:port}. */
  static Process start(String cluster, String node, int port, List<String> others, Path log)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of(cluster, node, Integer.toString(port)));
    arguments.addAll(others);
    return java(MemberProcess.class, log, List.of(), arguments);
  }

  /** Starts a program of this test's class path and waits until it says that it joined. */
  static Process java(Class<?> program, Path log, List<String> options, List<String> arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"));
    all.addAll(options);
    List<String> command = TestJvm.command(program, all, arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    BufferedReader said = process.inputReader();
    for (String line = said.readLine(); !"joined".equals(line); line = said.readLine()) {
      if (line == null) {
        throw new IOException(program.getSimpleName() + " ended before it joined; see " + log);
      }
    }
    return process;
  }
}
