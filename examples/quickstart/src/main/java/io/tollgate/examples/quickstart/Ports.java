package io.tollgate.examples.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every port the quickstart opens, each with its flag. All on loopback. */
final class Ports {
  @Option(names = "--postgres-port", defaultValue = "15432", description = PORT + "PostgreSQL")
  int postgres;

  @Option(
      names = "--control-plane-port",
      defaultValue = "18080",
      description = PORT + "the control plane")
  int controlPlane;

  @Option(
      names = "--donations-port",
      defaultValue = "18081",
      description = PORT + "the donations API")
  int donations;

  @Option(names = "--proxy-a-port", defaultValue = "18001", description = PORT + "proxy a")
  int proxyA;

  @Option(names = "--proxy-b-port", defaultValue = "18002", description = PORT + "proxy b")
  int proxyB;

  @Option(
      names = "--proxy-a-admin-port",
      defaultValue = "19001",
      description = PORT + "proxy a's admin port")
  int adminA;

  @Option(
      names = "--proxy-b-admin-port",
      defaultValue = "19002",
      description = PORT + "proxy b's admin port")
  int adminB;

  @Option(
      names = "--proxy-a-letterbox-port",
      defaultValue = "19101",
      description = PORT + "proxy a's letterbox")
  int letterboxA;

  @Option(
      names = "--proxy-b-letterbox-port",
      defaultValue = "19102",
      description = PORT + "proxy b's letterbox")
  int letterboxB;

  @Option(
      names = "--proxy-a-cluster-port",
      defaultValue = "15701",
      description = PORT + "proxy a's Hazelcast member")
  int clusterA;

  @Option(
      names = "--proxy-b-cluster-port",
      defaultValue = "15702",
      description = PORT + "proxy b's Hazelcast member")
  int clusterB;

  private static final String PORT = "Port of ";

  @Spec private @Nullable CommandSpec spec;

  /** Refuses to start on a port that someone else holds, naming the port and its flag. */
  void checkFree() {
    Map<Integer, String> taken = new LinkedHashMap<>();
    for (OptionSpec option : Objects.requireNonNull(spec, "set by picocli").options()) {
      String flag = option.longestName();
      int port = option.getValue();
      String other = taken.put(port, flag);
      if (other != null) {
        throw new QuickstartException(flag + " and " + other + " are both " + port);
      }
      requireFree(flag, port);
    }
  }

  private static void requireFree(String flag, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new QuickstartException(
          "Port "
              + port
              + " is busy: another program listens on it. Choose a free one with "
              + flag
              + " PORT.");
    }
  }
}
