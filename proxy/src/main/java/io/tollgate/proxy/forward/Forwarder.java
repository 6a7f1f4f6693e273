package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.AsciiString;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.caller.Callers;
import io.tollgate.proxy.caller.Defended;
import io.tollgate.proxy.config.Defence;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.upstream.Upstream;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.tollgate.proxy.upstream.Upstreams;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.InstantSource;
import java.util.Map;

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
  static final int HELD_BYTES = 128 << 10;

  /** The same of a body on its way up, which is copied on its way out. */
  static final int HELD_UPLOAD = 256 << 10;

  /** An answer's upstream is read on while less of it waits for a caller of HTTP/2. */
  private static final int MAY_WAIT = 32 << 10;

  private final Vertx vertx;
  private final Upstreams upstreams;
  private final Callers callers;
  private final HeldBack heldBack = new HeldBack();
  private final Defence defence;
  private final String via;
  private final ForwardMetrics metrics;
  private final DateField date = new DateField(InstantSource.system());
  private final long timer;
  private final CheckedFields checked = new CheckedFields();
  private int inFlight;
  private int sweeps;

  /**
   * A forwarder for the calling event loop.
   *
   * @param vertx its Vert.x
   * @param settings upstreams by name
   * @param health what all event loops know of the upstreams' addresses
   * @param callers whose calls they are
   * @param defence what callers may do
   * @param via name in Via; empty adds none
   * @param metrics counts
   */
  public Forwarder(
      Vertx vertx,
      Map<String, UpstreamSettings> settings,
      UpstreamHealth health,
      Callers callers,
      Defence defence,
      String via,
      ForwardMetrics metrics) {
    this.vertx = vertx;
    this.via = via;
    this.metrics = metrics;
    this.defence = defence;
    this.callers = callers;
    this.upstreams = new Upstreams(vertx, settings, health);
    this.timer = vertx.setPeriodic(SWEEP_MILLIS, tick -> sweep());
  }

  /** Takes newer upstreams; calls under way end on the ones they began with. */
  public void reload(Map<String, UpstreamSettings> newer, UpstreamHealth health) {
    upstreams.reload(newer, health);
  }

  /**
   * Answers in the caller's own terms, with a date. A caller that waits with its body for {@code
   * 100} may send it or not, so that nobody could say where its next request begins: there the
   * connection is closed (RFC 9110, section 10.1.1).
   */
  public void answer(HttpServerRequest request, Problem problem) {
    if (request.version() == HttpVersion.HTTP_1_1
        && request.headers().contains(HttpHeaderNames.EXPECT)
        && !request.isEnded()) {
      refuse(request, problem);
    } else {
      say(request, problem);
    }
  }

  private void say(HttpServerRequest request, Problem problem) {
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
      say(request, problem);
      return;
    }
    callers.refuse(request.connection());
    request.response().headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    say(request, problem);
    var unused = request.connection().close();
  }

  /**
   * Refuses a request whose body turned out not to be HTTP, from its response's exception handler.
   *
   * @param cause what the handler was told
   * @return false where that says something else: nothing is answered then
   */
  public boolean refuseBody(HttpServerRequest request, Throwable cause) {
    if (!Refusal.isMalformed(cause)) {
      return false;
    }
    refuse(request, Refusal.malformedBody(cause));
    Refusal.flush(request); // Vert.x closes the connection when the handler returns
    return true;
  }

  /** Breaks a request off of which no answer has begun. */
  public void cutOff(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      var unused = request.response().reset(Http2Error.CANCEL.code());
    } else {
      var unused = request.connection().close();
    }
  }

  /** Prepares a call; fields may be set before it is started. */
  public Forwarding prepare(HttpServerRequest request, Route route, ForwardListener listener) {
    return new CallRelay(this, request, caller(request.connection()), route, listener);
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

  Caller caller(HttpConnection connection) {
    return callers.of(connection);
  }

  Callers callers() {
    return callers;
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

  /** More of the call lies here, or nothing any more; this may end it, or others. */
  public void lies(Held call) {
    heldBack.lie(call, call.lying());
    makeRoom(); // before the next sweep a thousand of them could have filled the heap
  }

  /** Bytes of a request's body that may lie here until somebody takes it; 0 where it has none. */
  public int mayLie(HttpServerRequest request) {
    return Target.hasBody(request, caller(request.connection()))
        ? Target.length(request, HELD_BYTES)
        : 0;
  }

  /** Some of what waited for the caller went out. */
  void moved(Held call) {
    heldBack.move(call, call.lying());
  }

  /** Where much lies here already, an answer of which anything waits is read no further. */
  int mayWait() {
    return hasRoom() ? MAY_WAIT : 1;
  }

  /** Whether much less lies here than may. */
  boolean hasRoom() {
    return heldBack.bytes() <= defence.memoryBytes() / 2;
  }

  /** Where too many bytes lie here, those that lie longest make room. */
  private void makeRoom() {
    while (heldBack.bytes() > defence.memoryBytes()) {
      metrics.defended(Defended.MEMORY);
      heldBack.takeLongest().makeRoom();
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
      callers.lookForResets();
    }
    upstreams.sweep(System.nanoTime());
  }
}
