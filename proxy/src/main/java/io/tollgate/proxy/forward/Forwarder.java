package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.AsciiString;
import io.tollgate.proxy.config.Defence;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.config.Route;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.upstream.HeadWriter;
import io.tollgate.proxy.upstream.Upstream;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.tollgate.proxy.upstream.Upstreams;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the calls of one event loop: its upstream connections, its callers, its waits. Made and
 * used on that event loop only.
 */
public final class Forwarder {
  /** How often waits are looked at: a timeout fires at most this much late. */
  private static final long SWEEP_MILLIS = 100;

  /** How many sweeps go by between two looks for callers that reset: a second. */
  private static final int SWEEPS_A_LOOK = 10;

  /** What a call that is held back keeps in memory at most: two buffers, a window, a piece. */
  private static final long HELD_BYTES = 128 << 10;

  private final Vertx vertx;
  private final Upstreams upstreams;
  private final IdentityHashMap<HttpConnection, Caller> callers = new IdentityHashMap<>();
  private final Map<String, Integer> clients = new HashMap<>();
  private final LinkedHashSet<Forwarding> heldBack = new LinkedHashSet<>();
  private final Defence defence;
  private final TrustedPeers peers;
  private final String via;
  private final ForwardMetrics metrics;
  private final DateField date = new DateField(InstantSource.system());
  private final long timer;
  private final HeadWriter writer = new HeadWriter();
  private final CheckedFields checked = new CheckedFields();
  private PlainTaker plain = new PlainTaker(null, writer);
  private @Nullable HttpConnection lastConnection;
  private @Nullable Caller lastCaller;
  private int inFlight;
  private int sweeps;

  /**
   * A forwarder for the calling event loop.
   *
   * @param vertx its Vert.x
   * @param settings upstreams by name
   * @param health what all event loops know of the upstreams' addresses
   * @param listener what callers may do
   * @param via name in Via; empty adds none
   * @param metrics counts
   */
  public Forwarder(
      Vertx vertx,
      Map<String, UpstreamSettings> settings,
      UpstreamHealth health,
      Listener listener,
      String via,
      ForwardMetrics metrics) {
    this.vertx = vertx;
    this.via = via;
    this.metrics = metrics;
    this.defence = listener.defence();
    this.peers = new TrustedPeers(listener.trustedPeers());
    this.upstreams = new Upstreams(vertx, settings, health);
    this.timer = vertx.setPeriodic(SWEEP_MILLIS, tick -> sweep());
  }

  /**
   * Shows requests of the most frequent kind to this handler past Vert.x's server, which would make
   * objects of them that can do more than is needed. Before the first connection.
   */
  public void plainTo(Handler<HttpServerRequest> handler) {
    plain = new PlainTaker(handler, writer);
  }

  /** A caller's connection speaks HTTP; its requests are known by it. One too many is closed. */
  public void connected(HttpConnection connection) {
    Caller caller = new Caller(connection, peers, CallerChannel.on(connection, metrics, plain));
    int ofClient = clients.merge(caller.address(), 1, Integer::sum);
    callers.put(connection, caller);
    connection.closeHandler(closed -> disconnected(connection, caller));
    connection.exceptionHandler(this::brokeRules);
    if (caller.gate() != null && caller.channel().isMultiplexed()) {
      caller.gate().multiplexed();
    }
    if (ofClient > defence.connectionsPerClient()) {
      metrics.turnedAway();
      metrics.defended(Defended.CONNECTIONS_PER_CLIENT);
      caller.refuse();
      var unused = connection.close();
    }
  }

  private void brokeRules(Throwable cause) {
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

  /** Takes newer upstreams; calls under way end on the ones they began with. */
  public void reload(Map<String, UpstreamSettings> newer, UpstreamHealth health) {
    upstreams.reload(newer, health);
  }

  /**
   * A request's head is whole.
   *
   * @return false where its connection was refused: what still arrives there is no request
   */
  public boolean enter(HttpServerRequest request) {
    Caller caller = caller(request.connection());
    if (caller.isRefused()) {
      return false;
    }
    if (caller.gate() != null) {
      caller.gate().entered();
    }
    return true;
  }

  /** The request is over, in whatever way. */
  public void leave(HttpServerRequest request) {
    Gate gate = caller(request.connection()).gate();
    if (gate != null) {
      gate.left();
    }
  }

  /** Answers in the caller's own terms, with a date. */
  public void answer(HttpServerRequest request, Problem problem) {
    request.response().headers().set(HttpHeaderNames.DATE, date());
    problem.answer(request);
  }

  /** Answers and closes: what follows on the connection cannot be trusted to be a request. */
  public void refuse(HttpServerRequest request, Problem problem) {
    Defended defended = RequestCheck.defended(problem);
    if (defended != null) {
      metrics.defended(defended);
    }
    if (request.version() == HttpVersion.HTTP_2) {
      answer(request, problem);
      return;
    }
    caller(request.connection()).refuse();
    request.response().headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    LingeringClose.prepare(
        request.connection(), defence); // Vert.x closes, too, after what it cannot read
    answer(request, problem);
    var unused = request.connection().close();
  }

  /** Prepares a call; fields may be set before it is started. */
  public Forwarding prepare(HttpServerRequest request, Route route, ForwardListener listener) {
    return new Forwarding(this, request, route, listener);
  }

  /** Calls under way. */
  public int inFlight() {
    return inFlight;
  }

  /** Closes what rests, and looks after waits no more. */
  public void close() {
    vertx.cancelTimer(timer);
    upstreams.close();
  }

  Upstream upstream(String name) {
    return upstreams.get(name);
  }

  @SuppressWarnings("ReferenceEquality") // a connection is itself alone
  Caller caller(HttpConnection connection) {
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

  /** Which fields of answers are known to be sound. */
  CheckedFields checked() {
    return checked;
  }

  Defence defence() {
    return defence;
  }

  void defended(Defended what) {
    metrics.defended(what);
  }

  /** One side of the call is slow, so that bytes of it lie here. */
  void holdsBack(Forwarding call) {
    heldBack.add(call);
  }

  /** Its bytes flow again, or it is over. */
  void flows(Forwarding call) {
    if (!heldBack.isEmpty()) {
      heldBack.remove(call);
    }
  }

  /** Where too many bytes lie here, those that lie longest make room. */
  private void makeRoom() {
    while (heldBack.size() * HELD_BYTES > defence.memoryBytes()) {
      Forwarding longest = heldBack.iterator().next();
      heldBack.remove(longest);
      metrics.defended(Defended.MEMORY);
      longest.giveUpCaller();
    }
  }

  /** The present, for the field Date. */
  AsciiString date() {
    return date.now();
  }

  String via() {
    return via;
  }

  void began() {
    inFlight++;
  }

  void ended() {
    inFlight--;
  }

  void retried(Upstream upstream) {
    metrics.retried(upstream.settings().name());
  }

  void retryRefused(Upstream upstream) {
    metrics.retryRefused(upstream.settings().name());
  }

  void failed(Upstream upstream, UpstreamFailure failure) {
    metrics.failed(upstream.settings().name(), failure);
  }

  void ejected(Upstream upstream) {
    metrics.ejected(upstream.settings().name());
  }

  private void sweep() {
    makeRoom();
    if (inFlight > 0 && ++sweeps % SWEEPS_A_LOOK == 0) {
      for (Caller caller : List.copyOf(callers.values())) {
        if (caller.gate() != null) {
          caller.gate().lookForReset();
        }
      }
    }
    upstreams.sweep(System.nanoTime());
  }
}
