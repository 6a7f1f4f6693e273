package io.tollgate.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The service behind the proxies: what it sees of a tenant was admitted. Thread-safe. */
final class Upstream implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();
  private final List<HttpServer> servers = new ArrayList<>();

  /** Opens a port for each proxy. */
  Upstream(String host, int nodes) throws Exception {
    for (int i = 0; i < nodes; i++) {
      int node = i;
      servers.add(
          vertx
              .createHttpServer()
              .requestHandler(request -> serve(request, node))
              .listen(0, host)
              .toCompletionStage()
              .toCompletableFuture()
              .get(30, TimeUnit.SECONDS));
    }
  }

  int port(int node) {
    return servers.get(node).actualPort();
  }

  /** What came of a tenant; each of its calls takes so long. */
  Tally tally(String tenant, long callMillis) {
    return tallies.computeIfAbsent(tenant, name -> new Tally(callMillis, servers.size()));
  }

  private void serve(HttpServerRequest request, int node) {
    Tally tally = tallies.get(request.getHeader("X-Tollgate-Tenant"));
    if (tally == null) {
      request.response().setStatusCode(500).end();
      return;
    }
    tally.begins(node, System.nanoTime());
    if (tally.callMillis == 0) {
      end(request, tally, node);
    } else {
      // It works on, also where whoever asked is gone.
      vertx.setTimer(tally.callMillis, timer -> end(request, tally, node));
    }
  }

  private static void end(HttpServerRequest request, Tally tally, int node) {
    tally.ends(node);
    if (!request.response().closed()) {
      request.response().end();
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
