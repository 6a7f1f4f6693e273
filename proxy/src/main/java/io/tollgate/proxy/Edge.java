package io.tollgate.proxy;

import io.tollgate.proxy.caller.Callers;
import io.tollgate.proxy.caller.Gates;
import io.tollgate.proxy.config.Defence;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.Tls;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.forward.Forwarder;
import io.tollgate.proxy.http.Lethal;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop's share of the traffic: a listener, a walk, a forwarder. */
final class Edge extends VerticleBase {
  private static final int LARGEST_PIECE = 64 << 10;

  /** WebSockets over HTTP/2 (RFC 8441, section 3). */
  private static final int ENABLE_CONNECT_PROTOCOL = 8;

  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int CONNECTION_WINDOW = 1 << 20; // streams held back stop no other

  private final ProxySettings settings;
  private final Rooms rooms;
  private final UpstreamHealth health;
  private final RouteTable table;
  private final HttpServerOptions options;
  private @Nullable HttpServer server;
  private @Nullable Callers callers;
  private @Nullable Forwarder forwarder;
  private @Nullable RequestWalk walk;

  /** Whether the end of the event loop is asked for. */
  private volatile boolean down;

  Edge(ProxySettings settings, Rooms rooms, UpstreamHealth health, RouteTable table) {
    this.settings = settings;
    this.rooms = rooms;
    this.health = health;
    this.table = table;
    this.options = options(settings.listener());
  }

  @Override
  public Future<?> start() {
    Callers calling = new Callers(settings.listener(), options, rooms.metrics());
    Forwarder loop =
        new Forwarder(
            vertx,
            settings.upstreams(),
            health,
            calling,
            settings.listener().defence(),
            settings.engine().via() ? settings.node() : "",
            rooms.metrics());
    RequestWalk walking =
        new RequestWalk(
            rooms, table, calling, loop, command -> context.runOnContext(nothing -> command.run()));
    calling.plainTo(walking);
    HttpServer listening = vertx.createHttpServer(options);
    callers = calling;
    forwarder = loop;
    walk = walking;
    // Twice: what one tick finds short, the cluster has said is spent by the next.
    vertx.setPeriodic(
        Math.max(1, settings.usage().running().toMillis() / 2), tick -> walking.tick());
    server = listening;
    return listening
        .connectionHandler(calling::connected)
        .requestHandler(walking)
        .invalidRequestHandler(walking)
        .listen()
        .onSuccess(open -> watchLoop());
  }

  /** The port this and every other event loop listens on. */
  int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** Ends the process where the event loop ends by itself: by what it lacked, or by a mistake. */
  private void watchLoop() {
    ((ContextInternal) context)
        .nettyEventLoop()
        .terminationFuture()
        .addListener(
            ended -> {
              if (!down) {
                Lethal.end("an event loop has ended, for what is logged above", null);
              }
            });
  }

  /** Calls under way here. */
  int inFlight() {
    return forwarder == null ? 0 : forwarder.inFlight();
  }

  /** Takes newer routes and upstreams for the calls that come. From any thread. */
  void reload(RouteTable newer, Map<String, UpstreamSettings> upstreams) {
    context.runOnContext(
        nothing -> {
          if (walk != null && forwarder != null) {
            forwarder.reload(upstreams, health);
            walk.reroute(newer);
          }
        });
  }

  /** Reads the certificates' files anew, for connections that open from now on. */
  Future<Boolean> renewCertificates() {
    return server == null
        ? Future.succeededFuture(false)
        : server.updateSSLOptions(options.getSslOptions(), true);
  }

  /** Accepts no more, lets what is under way end, then closes. From any thread. */
  Future<Void> drain(long millis) {
    HttpServer listening = server;
    Callers calling = callers;
    if (listening == null || calling == null) {
      return Future.succeededFuture();
    }
    Promise<Void> drained = Promise.promise();
    context.runOnContext(
        nothing -> {
          calling.goDown(); // before the first of them hears of it
          listening.shutdown(millis, TimeUnit.MILLISECONDS).onComplete(drained);
        });
    return drained.future();
  }

  @Override
  public Future<?> stop() {
    down = true;
    if (forwarder != null) {
      forwarder.close();
    }
    return Future.succeededFuture();
  }

  private static HttpServerOptions options(Listener listener) {
    Defence defence = listener.defence();
    HttpServerOptions options =
        Gates.mark(new HttpServerOptions())
            .setHost(listener.endpoint().host())
            .setPort(listener.endpoint().port())
            .setStrictThreadMode(true)
            .setHandle100ContinueAutomatically(false)
            .setMaxInitialLineLength(defence.requestLineBytes())
            .setMaxHeaderSize(defence.headerBytes())
            .setMaxChunkSize(LARGEST_PIECE)
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setUseProxyProtocol(listener.proxyProtocol())
            .setProxyProtocolTimeout(behindTheGate(defence))
            .setProxyProtocolTimeoutUnit(TimeUnit.MILLISECONDS)
            .setSslHandshakeTimeout(behindTheGate(defence))
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setHttp2RstFloodMaxRstFramePerWindow(defence.resets())
            .setHttp2RstFloodWindowDuration(RESET_WINDOW_SECONDS)
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
            .setHttp2ClearTextEnabled(listener.http2())
            // Upgraded connections carry bytes here, whatever extensions both sides agree on.
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(defence.streams())
                    .setMaxHeaderListSize(defence.headerBytes())
                    .set(ENABLE_CONNECT_PROTOCOL, 1L));
    Tls tls = listener.tls();
    return tls == null ? options : secured(options, tls, listener.http2());
  }

  /** Milliseconds after which the gate has closed on a slow caller, and counted it. */
  private static long behindTheGate(Defence defence) {
    return defence.headerTimeout().plusSeconds(1).toMillis();
  }

  private static HttpServerOptions secured(HttpServerOptions options, Tls tls, boolean http2) {
    options
        .setSsl(true)
        .setUseAlpn(http2)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0))
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .setCertPath(tls.certificate().toString())
                .setKeyPath(tls.key().toString()));
    if (tls.clientAuthority() != null) {
      options
          .setClientAuth(
              switch (tls.clientCertificate()) {
                case REQUIRED -> ClientAuth.REQUIRED;
                case OPTIONAL -> ClientAuth.REQUEST;
              })
          .setTrustOptions(new PemTrustOptions().addCertPath(tls.clientAuthority().toString()));
    }
    return options;
  }
}
