package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The proxy as it is shipped, with a configuration file of the benchmark's own.
 *
 * @param file the configuration
 * @param port where the traffic goes
 * @param admin the operators' port
 */
record ProxySettings(Path file, int port, int admin) {

  /** Writes the configuration: an API key, one route with one meter, a cluster of one member. */
  static ProxySettings write(Path directory, String controlPlane, int upstream) throws IOException {
    return write(directory, controlPlane, upstream, List.of(Programs.freePort()), 0);
  }

  /** The same, by one way to the kernel. */
  static ProxySettings write(Path directory, String controlPlane, int upstream, String transport)
      throws IOException {
    Path own = Files.createDirectories(directory.resolve(transport));
    ProxySettings settings = write(own, controlPlane, upstream);
    Files.writeString(
        settings.file(), "engine: {transports: [" + transport + "]}\n", StandardOpenOption.APPEND);
    return settings;
  }

  /** Two proxies of one cluster. */
  static List<ProxySettings> writePair(Path directory, String controlPlane, int upstream)
      throws IOException {
    List<Integer> cluster = List.of(Programs.freePort(), Programs.freePort());
    return List.of(
        write(directory, controlPlane, upstream, cluster, 0),
        write(directory, controlPlane, upstream, cluster, 1));
  }

  private static ProxySettings write(
      Path directory, String controlPlane, int upstream, List<Integer> cluster, int number)
      throws IOException {
    int port = Programs.freePort();
    int admin = Programs.freePort();
    Path token = Files.writeString(directory.resolve("token"), "benchmark");
    String members =
        cluster.stream()
            .map(member -> "\"127.0.0.1:" + member + "\"")
            .collect(Collectors.joining(", "));
    String yaml =
        """
        node: benchmark-%10$d
        data: %1$s/proxy-data-%10$d
        listener: {host: 127.0.0.1, port: %2$d}
        admin: {port: %3$d}
        letterbox: {port: %4$d}
        control-plane:
          url: %5$s
          token: {file: %6$s}
        cluster: {name: benchmark-%11$d, port: %7$d, members: [%9$s]}
        identification: {cache-size: 100000}
        upstreams:
          service: {addresses: ["127.0.0.1:%8$d"]}
        routes:
          - name: all
            meters: {calls: 1}
        """
            .formatted(
                directory,
                port,
                admin,
                Programs.freePort(),
                controlPlane,
                token,
                cluster.get(number),
                upstream,
                members,
                number,
                cluster.getFirst());
    Path file = directory.resolve("proxy-" + number + ".yaml");
    return new ProxySettings(Files.writeString(file, yaml), port, admin);
  }

  List<String> command(Path home) {
    return List.of(
        home.resolve("proxy/bin/tollgate-proxy").toString(), "--config", file.toString());
  }
}
