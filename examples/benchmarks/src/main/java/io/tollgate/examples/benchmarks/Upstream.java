package io.tollgate.examples.benchmarks;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * The service behind the proxies: 75 bytes of JSON, by nginx where installed, else by the JDK.
 *
 * @param port where it listens on loopback
 */
record Upstream(int port) {
  private static final String BODY =
      "{\"id\":\"cause_1\",\"name\":\"Winter fodder\",\"raised\":\"125000.00\",\"currency\":\"INR\"}";

  static Upstream start(Programs programs, Path directory, int processor)
      throws IOException, InterruptedException {
    Optional<Path> nginx = Programs.find("nginx");
    if (nginx.isEmpty()) {
      return inThisJvm();
    }
    int port = Programs.freePort();
    String settings =
        Nginx.settings(
            directory.resolve("nginx-upstream"),
            """
              server {
                listen 127.0.0.1:%d;
                default_type application/json;
                location / { return 200 '%s'; }
              }
            """
                .formatted(port, BODY));
    Process process =
        programs.start(
            "upstream",
            processor,
            Nginx.command(nginx.get(), directory, "nginx-upstream", settings));
    Programs.awaitPort(process, port);
    return new Upstream(port);
  }

  private static Upstream inThisJvm() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          try (exchange) {
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    return new Upstream(server.getAddress().getPort());
  }
}
