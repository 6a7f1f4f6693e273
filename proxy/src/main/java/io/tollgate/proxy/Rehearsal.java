package io.tollgate.proxy;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.Standing;
import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.entitlement.Wire;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A start with everything in it, on free ports of the loopback and in a directory that goes away:
 * what the JVM has to load and link is then known and kept for the next start.
 */
final class Rehearsal {
  private static final int CALLS = 200;
  private static final long PATIENCE_SECONDS = 30;
  private static final String KEY = "rehearsal";
  private static final String KEYS = "/api/proxy/keys/";

  private Rehearsal() {}

  static void run() throws StartFailure, IOException {
    Path data = Files.createTempDirectory("tollgate-rehearsal");
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer world =
          wait(vertx.createHttpServer().requestHandler(Rehearsal::answer).listen(0, "127.0.0.1"));
      Proxy proxy =
          Proxy.start(
              ProxyFile.parse("rehearsal", settings(data, world.actualPort()), Map.of("T", "t")));
      HttpClient client = vertx.createHttpClient();
      for (int i = 0; i < CALLS; i++) {
        call(client, proxy.port(), "/call");
      }
      call(client, proxy.adminPort(), "/metrics");
      call(client, proxy.adminPort(), "/ready");
      proxy.stop();
    } finally {
      wait(vertx.close());
      delete(data);
    }
  }

  /** The control plane and the upstream at once. */
  private static void answer(HttpServerRequest request) {
    String path = request.path();
    if (path.startsWith(KEYS)) {
      end(request, Wire.write(entitlements(path.substring(KEYS.length()))));
    } else if (path.equals("/api/proxy/usage")) {
      request.bodyHandler(body -> end(request, receipt(body.getBytes())));
    } else {
      end(request, new byte[] {'{', '}'});
    }
  }

  private static byte[] receipt(byte[] message) {
    try {
      UsageTotals totals = Wire.read(message, UsageTotals.class);
      return Wire.write(
          new UsageReceipt(
              UsageReceipt.FORMAT, totals.sequence(), totals.totals().size(), List.of()));
    } catch (IOException e) {
      throw new IllegalStateException("the proxy writes what the wire says", e);
    }
  }

  private static void end(HttpServerRequest request, byte[] body) {
    var unused = request.response().end(Buffer.buffer(body));
  }

  private static void call(HttpClient client, int port, String path) {
    var unused =
        wait(
            client
                .request(HttpMethod.GET, port, "127.0.0.1", path)
                .compose(request -> request.putHeader("X-Api-Key", KEY).send())
                .compose(response -> response.body()));
  }

  private static Entitlements entitlements(String sha256) {
    return new Entitlements(
        Entitlements.FORMAT,
        "rehearsal",
        1,
        Instant.EPOCH,
        "",
        "",
        new Standing(BillingState.ACTIVE, Access.FULL, ""),
        null,
        List.of(new KeyHash("rehearsal", sha256)),
        List.of(),
        WarmUp.rates(),
        List.of(),
        List.of());
  }

  private static String settings(Path data, int world) throws IOException {
    int cluster;
    try (ServerSocket free = new ServerSocket(0)) {
      cluster = free.getLocalPort();
    }
    return """
    node: rehearsal
    data: "%s"
    listener: {host: 127.0.0.1, port: 0}
    admin: {port: 0}
    letterbox: {port: 0}
    cluster: {name: rehearsal-%d, port: %d}
    control-plane: {url: "http://127.0.0.1:%d", token: {env: T}}
    upstreams: {world: {addresses: ["127.0.0.1:%d"]}}
    engine: {drain: 1s, access-log: 100}
    """
        .formatted(data, cluster, cluster, world, world);
  }

  private static <T> T wait(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
