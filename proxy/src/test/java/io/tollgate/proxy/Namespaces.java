package io.tollgate.proxy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Each proxy in a network namespace of its own, with one wire to this process and another to the
 * other proxies. A cut loses packets and tells nobody. Needs a process that is root in a user and
 * network namespace of its own, as {@link #enter} makes it; nothing of it is left when it ends.
 */
final class Namespaces implements Wires {
  private static final int CLUSTER_PORT = 5701;

  private final List<Process> holders = new ArrayList<>();

  Namespaces(int nodes) throws IOException, InterruptedException {
    run(
        """
        set -e
        ip link set lo up
        ip link add front type bridge
        ip link add ring type bridge
        ip addr add 10.77.0.1/24 dev front
        ip link set front up
        ip link set ring up
        """);
    for (int i = 0; i < nodes; i++) {
      Process holder = new ProcessBuilder("unshare", "-n", "sh", "-c", "echo in; exec cat").start();
      holders.add(holder);
      holder.inputReader().readLine();
      run(
          """
          set -e
          ip link add front%1$d type veth peer name traffic netns %2$d
          ip link add ring%1$d type veth peer name cluster netns %2$d
          ip link set front%1$d master front up
          ip link set ring%1$d master ring up
          nsenter --net=/proc/%2$d/ns/net sh -e -c '
            ip link set lo up
            ip addr add 10.77.0.%3$d/24 dev traffic
            ip addr add 10.78.0.%3$d/24 dev cluster
            ip link set traffic up
            ip link set cluster up'
          """
              .formatted(i, holder.pid(), address(i)));
    }
  }

  /** The command that runs what follows it where namespaces can be made. */
  static List<String> enter() {
    return List.of("unshare", "-rn");
  }

  /** Whether the kernel has what it takes and this process the right to it. */
  static boolean areAllowed() throws InterruptedException {
    List<String> command = new ArrayList<>(enter());
    String all =
        "ip link add a0 type bridge && ip link add b0 type veth peer name b1"
            + " && unshare -n true && nsenter --net=/proc/self/ns/net true";
    command.addAll(List.of("sh", "-c", all));
    try {
      Process attempt =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return attempt.waitFor(10, TimeUnit.SECONDS) && attempt.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  @Override
  public String hub() {
    return "10.77.0.1";
  }

  @Override
  public Seat seat(int node) {
    String there = "--net=/proc/" + holders.get(node).pid() + "/ns/net";
    return new Seat(
        List.of("nsenter", there),
        List.of(),
        "10.77.0." + address(node),
        8000,
        9000,
        "10.78.0." + address(node),
        CLUSTER_PORT);
  }

  @Override
  public List<String> members() {
    List<String> members = new ArrayList<>();
    for (int i = 0; i < holders.size(); i++) {
      members.add("10.78.0." + address(i) + ":" + CLUSTER_PORT);
    }
    return members;
  }

  @Override
  public void cut() throws IOException, InterruptedException {
    for (int i = 0; i < holders.size(); i++) {
      run("ip link set ring" + i + " nomaster");
    }
  }

  @Override
  public void mend() throws IOException, InterruptedException {
    for (int i = 0; i < holders.size(); i++) {
      run("ip link set ring" + i + " master ring");
    }
  }

  private static int address(int node) {
    return 11 + node;
  }

  private static void run(String script) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("failed: " + script);
    }
  }

  @Override
  public void close() {
    holders.forEach(Process::destroy);
  }
}
