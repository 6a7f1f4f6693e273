package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.config.ControlPlaneSettings;
import io.tollgate.proxy.tenant.Sha256;
import io.tollgate.yaml.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The control plane's side of the wire on a real port, as far as entitlements go. */
final class WireServer {
  final Map<String, Entitlements> tenants = new ConcurrentHashMap<>();
  final ConcurrentLinkedQueue<String> changePaths = new ConcurrentLinkedQueue<>();
  final AtomicInteger lookups = new AtomicInteger();
  final List<HttpServerResponse> streams = new CopyOnWriteArrayList<>();
  final List<EntitlementsChange> log = new CopyOnWriteArrayList<>();
  volatile boolean resets;

  /** Whether changes are not told to anybody who asks from now on. */
  volatile boolean mute;

  private final Vertx vertx;
  private HttpServer server;
  private int port;

  WireServer(Vertx vertx) throws Exception {
    this.vertx = vertx;
    start();
  }

  void start() throws Exception {
    server = vertx.createHttpServer().requestHandler(this::serve);
    server
        .listen(port, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
    port = server.actualPort();
  }

  void stop() throws Exception {
    streams.clear();
    server.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  ControlPlaneSettings settings() {
    return new ControlPlaneSettings(
        URI.create("http://127.0.0.1:" + port),
        new Secret("proxy-token"),
        Duration.ofSeconds(15),
        Duration.ofSeconds(1));
  }

  /** A committed change: seen by look-ups and told to every open stream. */
  void change(Entitlements state) {
    tenants.put(state.tenant(), state);
    EntitlementsChange change =
        new EntitlementsChange(EntitlementsChange.FORMAT, log.size() + 1, state);
    log.add(change);
    streams.forEach(stream -> stream.write(event(change)));
  }

  private void serve(HttpServerRequest request) {
    if (!"Bearer proxy-token".equals(request.getHeader("Authorization"))) {
      request.response().setStatusCode(401).end();
      return;
    }
    String path = request.path();
    if (path.equals("/api/proxy/changes")) {
      follow(request);
      return;
    }
    lookups.incrementAndGet();
    String last = path.substring(path.lastIndexOf('/') + 1);
    Entitlements found =
        path.startsWith("/api/proxy/keys/")
            ? tenants.values().stream()
                .filter(each -> each.keys().stream().anyMatch(key -> key.sha256().equals(last)))
                .findFirst()
                .orElse(null)
            : tenants.get(last);
    if (found == null) {
      request.response().setStatusCode(404).end("{}");
    } else {
      request.response().end(Buffer.buffer(Wire.write(found)));
    }
  }

  private void follow(HttpServerRequest request) {
    if (mute) {
      request.response().setStatusCode(503).end();
      return;
    }
    changePaths.add(request.uri());
    HttpServerResponse stream = request.response().setChunked(true);
    stream.putHeader("Content-Type", "text/event-stream");
    stream.write("event: position\r\ndata: {\"sequence\":" + log.size() + "}\r\n\r\n: alive\n\n");
    String after = request.getParam("after");
    if (resets) {
      stream.write("event: reset\ndata: {}\n\n");
    } else if (after != null) {
      log.stream()
          .filter(change -> change.sequence() > Long.parseLong(after))
          .forEach(change -> stream.write(event(change)));
    }
    streams.add(stream);
  }

  private static String event(EntitlementsChange change) {
    String json = new String(Wire.write(change), StandardCharsets.UTF_8);
    return "id: " + change.sequence() + "\nevent: change\ndata: " + json + "\n\n";
  }

  static Entitlements state(String tenant, long version, String... keys) {
    return new Entitlements(
        Entitlements.FORMAT,
        tenant,
        version,
        Instant.parse("2026-03-01T00:00:00Z"),
        "standard",
        "gaudaan@1",
        new Standing(BillingState.ACTIVE, Access.FULL, "paid"),
        null,
        java.util.Arrays.stream(keys)
            .map(key -> new KeyHash("id-" + key, Sha256.hex(key)))
            .toList(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
