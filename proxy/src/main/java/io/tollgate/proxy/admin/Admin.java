package io.tollgate.proxy.admin;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prometheus.client.exporter.common.TextFormat;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.forward.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The operators' port. {@code GET /live}, {@code /ready}, {@code /metrics}, {@code /config}, {@code
 * /explain?tenant=ID}; {@code POST /flush}, {@code /drain}, {@code /log?level=LEVEL&logger=NAME}.
 */
public final class Admin {
  private static final String JSON = "application/json";

  private final HttpServer server;
  private final ProxyMetrics metrics;
  private final AdminView view;

  private Admin(HttpServer server, ProxyMetrics metrics, AdminView view) {
    this.server = server;
    this.metrics = metrics;
    this.view = view;
  }

  /** Opens the port; fails if it cannot be had. */
  public static Future<Admin> open(
      Vertx vertx, Endpoint endpoint, ProxyMetrics metrics, AdminView view) {
    HttpServer server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHost(endpoint.host())
                .setPort(endpoint.port())
                // Vert.x ends an idle HTTP/2 connection without GOAWAY, so that a caller cannot
                // tell whether its next call was taken; HTTP/1.1 callers know how to try again.
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(60));
    Admin admin = new Admin(server, metrics, view);
    server.requestHandler(admin::handle);
    return server.listen().map(admin);
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Closes the port. */
  public Future<Void> close() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    boolean post = request.method().equals(HttpMethod.POST);
    boolean get =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    switch (path) {
      case "/live" -> on(get, request, () -> send(request, 200, node("live", true)));
      case "/ready" -> on(get, request, () -> ready(request));
      case "/metrics" -> on(get, request, () -> metrics(request));
      case "/config" -> on(get, request, () -> send(request, 200, view.config()));
      case "/explain" -> on(get, request, () -> explain(request));
      case "/flush" -> on(post, request, () -> flush(request));
      case "/drain" -> on(post, request, () -> drain(request));
      case "/log" -> on(post, request, () -> log(request));
      default ->
          Problem.of(
                  404,
                  "Not found",
                  "Here are /live, /ready, /metrics, /config, /explain?tenant=ID; and by POST"
                      + " /flush, /drain, /log?level=LEVEL")
              .send(request.response());
    }
  }

  private static void on(boolean method, HttpServerRequest request, Runnable answer) {
    if (method) {
      answer.run();
    } else {
      Problem.of(405, "Method not allowed", "Not by " + request.method() + ".")
          .send(request.response());
    }
  }

  private void ready(HttpServerRequest request) {
    List<String> reasons = view.notReady();
    ObjectNode body = node("ready", reasons.isEmpty());
    reasons.forEach(body.putArray("why")::add);
    send(request, reasons.isEmpty() ? 200 : 503, body);
  }

  private void metrics(HttpServerRequest request) {
    StringWriter text = new StringWriter(16_384);
    String type = TextFormat.chooseContentType(request.getHeader(HttpHeaders.ACCEPT));
    try {
      TextFormat.writeFormat(type, text, metrics.registry().metricFamilySamples());
    } catch (IOException e) {
      throw new IllegalStateException("a StringWriter does not fail", e);
    }
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, type);
    var unused = request.response().end(text.toString());
  }

  private void explain(HttpServerRequest request) {
    String denial = request.getParam("denial");
    if (denial != null && !denial.isBlank()) {
      explainDenial(request, denial);
      return;
    }
    String tenant = request.getParam("tenant");
    if (tenant == null || tenant.isBlank()) {
      Problem.of(400, "Bad request", "Say which: /explain?tenant=ID or /explain?denial=ID")
          .send(request.response());
      return;
    }
    view.explain(tenant)
        .onComplete(
            explained -> explained(request, tenant, explained),
            failure ->
                Problem.of(503, "Not now", String.valueOf(failure.getMessage()))
                    .send(request.response()));
  }

  private void explainDenial(HttpServerRequest request, String id) {
    ObjectNode denial = view.denial(id);
    if (denial == null) {
      Problem.of(
              404,
              "Not found",
              "This proxy made no refusal '"
                  + id
                  + "' since it started, or has forgotten it for later ones.")
          .send(request.response());
    } else {
      send(request, 200, denial);
    }
  }

  private static void explained(
      HttpServerRequest request, String tenant, @Nullable ObjectNode explained) {
    if (explained == null) {
      Problem.of(
              404,
              "Not found",
              "This proxy knows no tenant '"
                  + tenant
                  + "'; it learns of a"
                  + " tenant by its first call.")
          .send(request.response());
    } else {
      send(request, 200, explained);
    }
  }

  private void flush(HttpServerRequest request) {
    view.flush()
        .onComplete(
            shipped -> send(request, 200, node("shipped", true)),
            failure ->
                Problem.of(503, "Not shipped", String.valueOf(failure.getMessage()))
                    .send(request.response()));
  }

  private void drain(HttpServerRequest request) {
    view.drain();
    send(request, 202, node("draining", true));
  }

  private static void log(HttpServerRequest request) {
    @Nullable Level level = Level.toLevel(request.getParam("level"), null);
    if (level == null) {
      Problem.of(400, "Bad request", "level is one of error, warn, info, debug, trace, off")
          .send(request.response());
      return;
    }
    String name = request.getParam("logger", org.slf4j.Logger.ROOT_LOGGER_NAME);
    if (LoggerFactory.getLogger(name) instanceof Logger logger) {
      logger.setLevel(level);
    }
    send(request, 200, node("logger", name).put("level", level.toString()));
  }

  private static ObjectNode node(String key, boolean value) {
    return JsonNodeFactory.instance.objectNode().put(key, value);
  }

  private static ObjectNode node(String key, String value) {
    return JsonNodeFactory.instance.objectNode().put(key, value);
  }

  private static void send(HttpServerRequest request, int status, ObjectNode body) {
    HttpServerResponse response = request.response();
    if (!response.closed() && !response.ended()) {
      response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
      var unused = response.end(body.toString());
    }
  }
}
