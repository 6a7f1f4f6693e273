package io.tollgate.proxy;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.QuotaAlert;
import io.tollgate.contract.QuotaAlertReceipt;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.entitlement.Wire;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The control plane's side of the whole wire, on a real port; an exact root of hard quotas. */
final class FakeControlPlane implements AutoCloseable {
  static final String TOKEN = "proxy-token";

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Entitlements> tenants = new ConcurrentHashMap<>();
  private final Map<String, Long> usage = new ConcurrentHashMap<>();
  private final List<HttpServerResponse> streams = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();
  private final HttpServer server;
  private final List<QuotaAlert> alerts = new CopyOnWriteArrayList<>();
  private final Map<String, QuotaBlock> blocks = new HashMap<>();
  private final Map<String, Long> granted = new HashMap<>();
  private volatile boolean blocksAway;
  private volatile boolean alertsAway;
  private volatile String indigestible = "";
  private volatile Consumer<String> listener = what -> {};

  FakeControlPlane() throws Exception {
    this("127.0.0.1");
  }

  /** Listens at an address of this machine. */
  FakeControlPlane(String host) throws Exception {
    server = vertx.createHttpServer().requestHandler(this::serve);
    server.listen(0, host).toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    vertx.setPeriodic(5_000, timer -> streams.forEach(stream -> stream.write(": alive\n\n")));
  }

  int port() {
    return server.actualPort();
  }

  /** A committed change: seen by look-ups and told to every open stream. */
  void put(Entitlements state) {
    tenants.put(state.tenant(), state);
    long number = sequence.incrementAndGet();
    EntitlementsChange change = new EntitlementsChange(EntitlementsChange.FORMAT, number, state);
    String json = new String(Wire.write(change), StandardCharsets.UTF_8);
    streams.forEach(
        stream -> stream.write("id: " + number + "\nevent: change\ndata: " + json + "\n\n"));
  }

  /** Whether blocks of quotas are not to be had. */
  void blocksAway(boolean areAway) {
    blocksAway = areAway;
  }

  /** Whether alerts are not taken. */
  void alertsAway(boolean areAway) {
    alertsAway = areAway;
  }

  /** Of which tenant a message of alerts may say nothing: it is refused as a whole, with 422. */
  void alertsIndigestible(String tenant) {
    indigestible = tenant;
  }

  /** Who is told of each message when it comes: the last part of its path. */
  void onMessage(Consumer<String> told) {
    listener = told;
  }

  /** Alerts of a tenant that have arrived, each as often as it was told. */
  List<QuotaAlert> alerts(String tenant) {
    return alerts.stream().filter(alert -> alert.tenant().equals(tenant)).toList();
  }

  /** Units of a tenant's meter that have arrived. */
  long used(String tenant, String meter) {
    return usage.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(tenant + "|" + meter + "|"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** How often a tenant was asked for by its name. */
  int asked(String tenant) {
    return asked.getOrDefault(tenant, 0);
  }

  private void serve(HttpServerRequest request) {
    if (!("Bearer " + TOKEN).equals(request.getHeader("Authorization"))) {
      request.response().setStatusCode(401).end();
      return;
    }
    String path = request.path();
    String last = path.substring(path.lastIndexOf('/') + 1);
    switch (path.substring(0, path.length() - last.length())) {
      case "/api/proxy/keys/" ->
          answer(
              request,
              tenants.values().stream()
                  .filter(each -> each.keys().stream().anyMatch(key -> key.sha256().equals(last)))
                  .findFirst()
                  .orElse(null));
      case "/api/proxy/tenants/" -> {
        asked.merge(last, 1, Integer::sum);
        answer(request, tenants.get(last));
      }
      default -> request.bodyHandler(body -> post(request, last, body));
    }
  }

  private void post(HttpServerRequest request, String what, Buffer body) {
    try {
      listener.accept(what);
      switch (what) {
        case "changes" -> follow(request);
        case "usage" -> {
          UsageTotals totals = Wire.read(body.getBytes(), UsageTotals.class);
          totals.totals().forEach(total -> keepGreatest(totals, total));
          answer(
              request,
              new UsageReceipt(
                  UsageReceipt.FORMAT, totals.sequence(), totals.totals().size(), List.of()));
        }
        case "alerts" -> {
          if (alertsAway) {
            request.response().setStatusCode(503).end("{}");
            return;
          }
          QuotaAlerts told = Wire.read(body.getBytes(), QuotaAlerts.class);
          if (told.alerts().stream().anyMatch(alert -> alert.tenant().equals(indigestible))) {
            request.response().setStatusCode(422).end("{}");
            return;
          }
          alerts.addAll(told.alerts());
          answer(
              request, new QuotaAlertReceipt(QuotaAlertReceipt.FORMAT, told.alerts().size(), 0, 0));
        }
        case "blocks" -> {
          if (blocksAway) {
            request.response().setStatusCode(503).end("{}");
            return;
          }
          QuotaBlockRequest asked = Wire.read(body.getBytes(), QuotaBlockRequest.class);
          answer(request, grant(asked));
        }
        default -> request.response().setStatusCode(404).end();
      }
    } catch (IOException e) {
      request.response().setStatusCode(400).end(String.valueOf(e.getMessage()));
    }
  }

  /** Units granted of a tenant's quota in all its windows. */
  synchronized long granted(String tenant, String quota) {
    return granted.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(tenant + "|" + quota + "|"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Exact and idempotent, like the real one; but days of grace never end. */
  private synchronized @Nullable QuotaBlock grant(QuotaBlockRequest asked) {
    Entitlements tenant = tenants.get(asked.tenant());
    QuotaLimit quota =
        tenant == null
            ? null
            : tenant.quotas().stream()
                .filter(each -> each.name().equals(asked.quota()))
                .findFirst()
                .orElse(null);
    return quota == null
        ? null
        : blocks.computeIfAbsent(asked.requestId(), id -> grant(asked, quota));
  }

  private QuotaBlock grant(QuotaBlockRequest asked, QuotaLimit quota) {
    String window =
        String.join(
            "|",
            asked.tenant(),
            asked.quota(),
            asked.counter(),
            String.valueOf(asked.windowStart()));
    long out = Math.max(0, granted.getOrDefault(window, 0L) - asked.returned());
    long hard = quota.amount() + quota.amount() * quota.over().bufferPercent() / 100;
    boolean grace = quota.over().graceDays() > 0;
    long units = grace ? asked.units() : Math.max(0, Math.min(asked.units(), hard - out));
    granted.put(window, out + units);
    return new QuotaBlock(QuotaBlock.FORMAT, asked.requestId(), units, out + units, quota.amount());
  }

  private void keepGreatest(UsageTotals totals, UsageTotal total) {
    String key =
        String.join(
            "|",
            total.tenant(),
            total.meter(),
            totals.source(),
            totals.incarnation(),
            total.hour().toString());
    usage.merge(key, total.total(), Math::max);
  }

  private void follow(HttpServerRequest request) {
    HttpServerResponse stream = request.response().setChunked(true);
    stream.putHeader("Content-Type", "text/event-stream");
    stream.write("event: position\ndata: {\"sequence\":" + sequence.get() + "}\n\n");
    streams.add(stream);
  }

  private static void answer(HttpServerRequest request, @Nullable Object message) {
    if (message == null) {
      request.response().setStatusCode(404).end("{}");
    } else {
      request.response().end(Buffer.buffer(Wire.write(message)));
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
