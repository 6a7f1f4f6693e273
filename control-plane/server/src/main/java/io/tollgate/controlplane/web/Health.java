package io.tollgate.controlplane.web;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.tollgate.controlplane.database.Database;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.StringWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators' machines ask: alive, ready, metrics. None needs a token. */
final class Health {
  private static final Logger LOG = LoggerFactory.getLogger(Health.class);

  private final Database database;
  private final CollectorRegistry metrics;
  private volatile boolean closing;

  Health(Database database, CollectorRegistry metrics) {
    this.database = database;
    this.metrics = metrics;
  }

  void mount(Router router) {
    read(router, "/live", context -> answer(context, 200, "alive"));
    read(router, "/ready", this::ready);
    read(router, "/metrics", this::metrics);
  }

  private static void read(Router router, String path, Handler<RoutingContext> handler) {
    router.get(path).method(HttpMethod.HEAD).handler(handler);
  }

  void close() {
    closing = true;
  }

  private void ready(RoutingContext context) {
    if (closing) {
      answer(context, 503, "closing");
      return;
    }
    Context loop = context.vertx().getOrCreateContext();
    Thread.startVirtualThread(
        () -> {
          boolean reachable = database.isReachable();
          loop.runOnContext(
              nothing ->
                  answer(
                      context,
                      reachable ? 200 : 503,
                      reachable ? "ready" : "the database does not answer"));
        });
  }

  /** Off the event loop: some figures are asked of the database. */
  private void metrics(RoutingContext context) {
    Context loop = context.vertx().getOrCreateContext();
    String contentType = TextFormat.chooseContentType(context.request().getHeader("Accept"));
    Thread.startVirtualThread(
        () -> {
          StringWriter text = new StringWriter();
          try {
            TextFormat.writeFormat(contentType, text, metrics.metricFamilySamples());
          } catch (IOException | RuntimeException e) {
            LOG.warn("the figures could not be read", e);
            loop.runOnContext(nothing -> answer(context, 503, "the figures could not be read"));
            return;
          }
          loop.runOnContext(nothing -> end(context, contentType, text.toString()));
        });
  }

  private static void answer(RoutingContext context, int status, String text) {
    context.response().setStatusCode(status);
    end(context, "text/plain; charset=utf-8", text + "\n");
  }

  private static void end(RoutingContext context, String contentType, String text) {
    context.response().putHeader("Content-Type", contentType);
    Answers.end(context, Buffer.buffer(text));
  }
}
