package io.tollgate.proxy.caller;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.tollgate.proxy.config.Defence;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.http.HeadWriter;
import io.tollgate.proxy.http.Lethal;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The callers' connections of one event loop. Made and used on that event loop only. */
public final class Callers {
  private final IdentityHashMap<HttpConnection, Caller> callers = new IdentityHashMap<>();
  private final Map<String, Integer> clients = new HashMap<>();
  private final Defence defence;
  private final TrustedPeers peers;
  private final CallerMetrics metrics;
  private PlainTaker plain;
  private boolean goesDown;
  private @Nullable HttpConnection lastConnection;
  private @Nullable Caller lastCaller;

  /**
   * No callers yet of a listener.
   *
   * @param reading the listener's options, which say how requests are read
   */
  public Callers(Listener listener, HttpServerOptions reading, CallerMetrics metrics) {
    this.defence = listener.defence();
    this.peers = new TrustedPeers(listener.trustedPeers());
    this.metrics = metrics;
    this.plain = new PlainTaker(null, new HeadWriter(), reading, () -> goesDown);
  }

  /**
   * Shows requests of the most frequent kind to this handler past Vert.x's server, which would make
   * objects of them that can do more than is needed. Before the first connection.
   */
  public void plainTo(Handler<HttpServerRequest> handler) {
    plain = new PlainTaker(handler, plain.writer(), plain.reading(), plain.goesDown());
  }

  /** A caller's connection speaks HTTP; its requests are known by it. One too many is closed. */
  public void connected(HttpConnection connection) {
    Caller caller = new Caller(connection, peers, CallerChannel.on(connection, metrics, plain));
    int ofClient = clients.merge(caller.address(), 1, Integer::sum);
    callers.put(connection, caller);
    connection.closeHandler(closed -> disconnected(connection, caller));
    connection.exceptionHandler(this::brokeRules);
    caller.speaks();
    if (ofClient > defence.connectionsPerClient()) {
      metrics.turnedAway();
      metrics.defended(Defended.CONNECTIONS_PER_CLIENT);
      caller.refuse();
      var unused = connection.close();
    }
  }

  /** From now on the last answer on a connection of HTTP/1.1 says that the connection closes. */
  public void goDown() {
    goesDown = true;
  }

  private void brokeRules(Throwable cause) {
    Lethal.check(cause);
    if (cause instanceof Http2Exception broken && broken.error() == Http2Error.ENHANCE_YOUR_CALM) {
      metrics.defended(Defended.HTTP2_FLOOD);
    }
  }

  private void disconnected(HttpConnection connection, Caller caller) {
    lastCaller = null;
    if (callers.remove(connection) != null) {
      clients.computeIfPresent(caller.address(), (address, open) -> open == 1 ? null : open - 1);
    }
  }

  /** Whose connection it is; one that is closed is nobody's, of whom little is known. */
  @SuppressWarnings("ReferenceEquality") // a connection is itself alone
  public Caller of(HttpConnection connection) {
    Caller last = lastCaller;
    if (last != null && connection == lastConnection) {
      return last; // one request asks several times
    }
    Caller caller = callers.get(connection);
    if (caller == null) {
      return new Caller(connection, peers, CallerChannel.SILENT);
    }
    lastConnection = connection;
    lastCaller = caller;
    return caller;
  }

  /**
   * A request's head is whole.
   *
   * @return false where its connection was refused: what still arrives there is no request
   */
  public boolean enter(HttpServerRequest request) {
    Caller caller = of(request.connection());
    if (caller.isRefused()) {
      return false;
    }
    caller.entered();
    return true;
  }

  /** The request is over, in whatever way. */
  public void leave(HttpServerRequest request) {
    of(request.connection()).left();
  }

  /** Nothing more is taken from an HTTP/1.1 connection, which lingers when it is closed. */
  public void refuse(HttpConnection connection) {
    of(connection).refuse();
    linger(connection); // Vert.x closes, too, after what it cannot read
  }

  /** The connection lingers when it is closed next, since its caller may still send. */
  public void linger(HttpConnection connection) {
    LingeringClose.prepare(connection, defence);
  }

  /** Closes connections whose callers have reset them, which not every transport tells. */
  public void lookForResets() {
    for (Caller caller : List.copyOf(callers.values())) {
      caller.lookForReset();
    }
  }
}
