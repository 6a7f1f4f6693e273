package io.tollgate.examples.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The control plane's side of the wire for a benchmark of the proxy alone: so many tenants, each
 * with a key, two rates and a quota that are never reached, served from memory.
 */
final class ControlPlaneDouble implements AutoCloseable {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  private static final byte[] ALIVE = ": alive\n\n".getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;
  private final Map<String, Entitlements> byKey = new ConcurrentHashMap<>();
  private final Map<String, Entitlements> byTenant = new ConcurrentHashMap<>();
  private final List<BlockingQueue<byte[]>> streams = new CopyOnWriteArrayList<>();
  private final AtomicLong sequence = new AtomicLong();

  ControlPlaneDouble(int tenants) throws IOException {
    for (int i = 0; i < tenants; i++) {
      String hash = sha256(key(i));
      Entitlements entitlements = entitlements("tenant-" + i, hash);
      byKey.put(hash, entitlements);
      byTenant.put("tenant-" + i, entitlements);
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/api/proxy/keys/", exchange -> find(exchange, byKey));
    server.createContext("/api/proxy/tenants/", exchange -> find(exchange, byTenant));
    server.createContext("/api/proxy/usage", ControlPlaneDouble::receive);
    server.createContext("/api/proxy/blocks", ControlPlaneDouble::grant);
    server.createContext("/api/proxy/changes", this::stream);
    server.start();
  }

  /** A committed change: seen by look-ups and told to every open stream. */
  void change(Entitlements next) throws JsonProcessingException {
    byTenant.put(next.tenant(), next);
    next.keys().forEach(key -> byKey.put(key.sha256(), next));
    long number = sequence.incrementAndGet();
    byte[] json = bytes(new EntitlementsChange(EntitlementsChange.FORMAT, number, next));
    String event =
        "id: %d\nevent: change\ndata: %s\n\n"
            .formatted(number, new String(json, StandardCharsets.UTF_8));
    streams.forEach(stream -> stream.add(event.getBytes(StandardCharsets.UTF_8)));
  }

  /** The hashes of a tenant's keys. */
  static List<KeyHash> keys(int tenant) {
    return List.of(new KeyHash("key-tenant-" + tenant, sha256(key(tenant))));
  }

  /** The API key of a tenant. */
  static String key(int tenant) {
    return "tg_benchmark_" + tenant;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static Entitlements entitlements(String tenant, String hash) {
    OverLimit deny = OverLimit.DENY;
    Recurrence month =
        new Recurrence(
            Instant.parse("2026-01-01T00:00:00Z"), Recurrence.Unit.MONTH, 1, ZoneOffset.UTC);
    return new Entitlements(
        Entitlements.FORMAT,
        tenant,
        1,
        Instant.parse("2026-01-01T00:00:00Z"),
        "benchmark",
        "benchmark@1",
        new Standing(BillingState.ACTIVE, Access.FULL, "in good standing"),
        null,
        List.of(new KeyHash("key-" + tenant, hash)),
        List.of(),
        List.of(
            rate("per-second", Duration.ofSeconds(1), 1_000_000, deny),
            rate("per-minute", Duration.ofMinutes(1), 60_000_000, deny)),
        List.of(
            new QuotaLimit(
                "per-month",
                "calls",
                Scope.TENANT,
                1_000_000_000_000L,
                month,
                deny,
                false,
                "plan:benchmark")),
        List.of());
  }

  private static RateLimit rate(String name, Duration per, long amount, OverLimit over) {
    return new RateLimit(
        name, "calls", Scope.TENANT, amount, per, amount, over, false, "plan:benchmark");
  }

  private static void find(HttpExchange exchange, Map<String, Entitlements> known)
      throws IOException {
    String path = exchange.getRequestURI().getPath();
    Entitlements found = known.get(path.substring(path.lastIndexOf('/') + 1));
    answer(exchange, found == null ? 404 : 200, found == null ? Map.of() : found);
  }

  private static void receive(HttpExchange exchange) throws IOException {
    JsonNode message = JSON.readTree(exchange.getRequestBody());
    answer(
        exchange,
        200,
        Map.of(
            "format", 1,
            "sequence", message.path("sequence").asLong(),
            "accepted", message.path("totals").size(),
            "refused", List.of()));
  }

  private static void grant(HttpExchange exchange) throws IOException {
    JsonNode message = JSON.readTree(exchange.getRequestBody());
    long units = message.path("units").asLong();
    answer(
        exchange,
        200,
        Map.of(
            "format",
            1,
            "requestId",
            message.path("requestId").asText(),
            "granted",
            units,
            "outstanding",
            units,
            "amount",
            1_000_000_000_000L));
  }

  private void stream(HttpExchange exchange) throws IOException {
    BlockingQueue<byte[]> events = new LinkedBlockingQueue<>();
    streams.add(events);
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write("event: position\ndata: {\"sequence\":0}\n\n".getBytes(StandardCharsets.UTF_8));
      while (!Thread.currentThread().isInterrupted()) {
        body.flush();
        byte[] event = events.poll(2, TimeUnit.SECONDS);
        body.write(event == null ? ALIVE : event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] bytes = bytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (exchange) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static byte[] bytes(Object body) throws JsonProcessingException {
    return JSON.writeValueAsBytes(body);
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
