package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The proxy as it is shipped, with a configuration file of the benchmark's own.
 *
 * @param file the configuration
 * @param port where the traffic goes
 */
record ProxySettings(Path file, int port) {

  /** Writes the configuration: an API key, one route with one meter, a cluster of one member. */
  static ProxySettings write(Path directory, String controlPlane, int upstream) throws IOException {
    int port = Programs.freePort();
    Path token = Files.writeString(directory.resolve("token"), "benchmark");
    String yaml =
        """
        node: benchmark
        data: %1$s/proxy-data
        listener: {host: 127.0.0.1, port: %2$d}
        admin: {port: %3$d}
        letterbox: {port: %4$d}
        control-plane:
          url: %5$s
          token: {file: %6$s}
        cluster: {name: benchmark-%2$d, port: %7$d}
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
                Programs.freePort(),
                Programs.freePort(),
                controlPlane,
                token,
                Programs.freePort(),
                upstream);
    return new ProxySettings(Files.writeString(directory.resolve("proxy.yaml"), yaml), port);
  }

  List<String> command(Path home) {
    return List.of(
        home.resolve("proxy/bin/tollgate-proxy").toString(), "--config", file.toString());
  }
}
