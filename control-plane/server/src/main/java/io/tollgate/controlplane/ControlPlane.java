package io.tollgate.controlplane;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.tollgate.controlplane.database.Await;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.DatabaseSettings;
import io.tollgate.controlplane.database.EmbeddedPostgres;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.WebServer;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running control plane: database, rooms, workers, port, opened in this order. */
final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  /** The wall clock in microseconds, which is what PostgreSQL keeps of an instant. */
  private static final InstantSource WALL = Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000));

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private int port;

  private ControlPlane() {}

  /**
   * Starts everything, or nothing: what was opened before a failure is closed again.
   *
   * @throws BindException if the port is taken
   */
  static ControlPlane start(Settings settings) throws BindException {
    ControlPlane controlPlane = new ControlPlane();
    boolean started = false;
    try {
      controlPlane.open(settings);
      started = true;
    } finally {
      if (!started) {
        controlPlane.close();
      }
    }
    return controlPlane;
  }

  private void open(Settings settings) throws BindException {
    CollectorRegistry metrics = new CollectorRegistry();
    DefaultExports.register(metrics);
    DatabaseSettings databaseSettings =
        switch (settings.database()) {
          case Settings.DatabaseChoice.Server server -> server.settings();
          case Settings.DatabaseChoice.Embedded embedded ->
              keep(EmbeddedPostgres.start(
                      embedded.data(), embedded.port(), EmbeddedPostgres.Durability.DURABLE))
                  .settings(embedded.poolSize());
        };
    Vertx vertx = Vertx.vertx();
    opened.push(() -> Await.result(vertx.close()));
    Database database = keep(Database.open(vertx, databaseSettings));
    metrics.register(new Backlog(database));
    Rooms rooms = Rooms.furnish(settings, database, WALL, metrics);
    Routes routes = new Routes();
    rooms.all().forEach(room -> room.mount(routes));
    rooms.outbox().start();
    keep(rooms.outbox());
    rooms.agenda().start(settings.workers());
    keep(rooms.agenda());
    rooms.entitlements().start();
    keep(rooms.entitlements());
    WebServer server =
        keep(
            WebServer.start(
                new WebServer.Parts(vertx, database, rooms.tokens(), WALL, metrics),
                settings.listen(),
                routes));
    port = server.port();
    LOG.info("listening on http://{}:{}", settings.listen().host(), port);
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  /** The port the server listens on. */
  int port() {
    return port;
  }

  /** Stops in the reverse order: no new requests, work in hand done, connections closed. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close in order", part.getClass().getSimpleName(), e);
      }
    }
    LOG.info("stopped");
  }
}
