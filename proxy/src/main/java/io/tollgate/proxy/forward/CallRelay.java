package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.caller.Defended;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.config.UpstreamSettings.Protocol;
import io.tollgate.proxy.http.Tunnel;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.tollgate.proxy.upstream.UpstreamStream;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: the caller's request streams to an upstream, the upstream's answer streams
 * back, each side held back when the other is slow. Knows how the call stands and how it ends; what
 * passes is {@link RequestRelay}'s and {@link AnswerRelay}'s, what the upstream is asked is {@link
 * Attempts}'. On the caller's event loop.
 */
final class CallRelay extends Forwarding implements Held {
  private final Forwarder forwarder;
  private final ForwardListener listener;
  private final long responseNanos;
  private final @Nullable Duration idleTimeout;
  private final boolean grpc;
  private final Caller caller;
  private final RequestRelay sent;
  private final AnswerRelay answer;
  private final boolean http2Only;
  private boolean over;
  private int heldBytes;
  private @Nullable Upgrade joined;

  CallRelay(
      Forwarder forwarder,
      HttpServerRequest request,
      Caller caller,
      Route route,
      ForwardListener listener) {
    super(
        request,
        new Attempts(forwarder, forwarder.upstream(route.upstream())),
        Handshake.of(request, caller));
    this.forwarder = forwarder;
    this.listener = listener;
    this.caller = caller;
    UpstreamSettings upstream = attempts.upstream().settings();
    this.http2Only = upstream.protocol() == Protocol.HTTP2;
    this.grpc = Grpc.is(request);
    this.responseNanos =
        (route.responseTimeout() == null ? upstream.timeouts().response() : route.responseTimeout())
            .toNanos();
    this.idleTimeout = route.idleTimeout();
    this.sent = new RequestRelay(this, caller, http2Only ? null : handshake, forwarder.via());
    this.answer = new AnswerRelay(this, forwarder);
  }

  @Override
  RequestRelay sent() {
    return sent;
  }

  @Override
  AnswerRelay answer() {
    return answer;
  }

  @Override
  public void start() {
    request.response().exceptionHandler(this);
    sent.hold();
    forwarder.began();
    if (sent.isLastHop()) {
      answerItself();
    } else if (http2Only && handshake != null && handshake.key() != null) {
      refuse(Refusal.noWebSocketOverHttp2());
    } else {
      acquire();
      awaitStream();
    }
  }

  /** A body waits with its call for a connection: what of it has come is counted. */
  private void awaitStream() {
    int waiting = attempts.stream() == null && sent.hasBody() ? forwarder.mayLie(request) : 0;
    if (waiting > 0) {
      holdsBack(waiting);
    }
  }

  @Override
  public boolean isRunning() {
    return !over
        && (joined != null || !request.response().closed())
        && request.connection() instanceof ConnectionBase connection
        && connection.channelHandlerContext().channel().isActive();
  }

  /** The version of HTTP spoken upstream, as Via says it, with the space that follows it there. */
  String upstreamVersion() {
    return isByHttp2() ? "2 " : "1.1 ";
  }

  /** Whether the upstream speaks HTTP/2. */
  boolean isByHttp2() {
    UpstreamStream up = attempts.stream();
    return up != null && up.framesItself();
  }

  /** Whether the call is gRPC. */
  boolean isGrpc() {
    return grpc;
  }

  @Override
  public void cutOff(Problem why, boolean betweenFrames) {
    if (over) {
      return;
    }
    attempts.leave(answer);
    if (!answer.hasBegun()) {
      answer.status(why.status());
    }
    finish(ForwardListener.End.SPENT, null);
    if (joined != null) {
      joined.end(betweenFrames ? why.detail() : null);
    } else if (!answer.hasBegun()) {
      refuseTheRest(why);
    } else if (grpc) {
      answer.exhausted(why);
    } else {
      answer.abort(Http2Error.CANCEL);
    }
  }

  /** The caller went away, or its request turned out to be malformed. */
  @Override
  public void handle(Throwable cause) {
    if (over) {
      return;
    }
    attempts.leave(answer);
    if (!Refusal.isMalformed(cause)) {
      finish(ForwardListener.End.ABORTED, null);
    } else {
      if (!answer.hasBegun()) {
        answer.status(400);
      }
      finish(ForwardListener.End.MALFORMED, null);
      forwarder.refuseBody(request, cause);
    }
  }

  // How the call stands.

  HttpServerRequest request() {
    return request;
  }

  boolean isOver() {
    return over;
  }

  boolean isAnswered() {
    return answer.hasBegun();
  }

  /** Whether the request was read to its end. */
  boolean isRequestWhole() {
    return sent.isDone();
  }

  /** How it asks to leave HTTP; null where it does not. */
  @Nullable Handshake handshake() {
    return handshake;
  }

  /** The stream upstream; null where there is none, or where the call is over. */
  @Nullable UpstreamStream stream() {
    return over ? null : attempts.stream();
  }

  @Nullable BodyWatch watch() {
    return watch;
  }

  /** How long its upstream may let it wait, for a connection as for an answer. */
  long responseNanos() {
    return responseNanos;
  }

  /** Fewest bytes a second of a body with a length. */
  long slowestBodyRate() {
    return forwarder.defence().bodyRate();
  }

  /**
   * One side is slow, so that bytes of the call lie here.
   *
   * @param bytes how many there may be
   */
  void holdsBack(int bytes) {
    if (!over) {
      heldBytes = bytes;
      forwarder.lies(this);
    }
  }

  /** They flow again. */
  void flows() {
    if (heldBytes > 0) {
      heldBytes = 0;
      forwarder.lies(this);
    }
  }

  @Override
  public int lying() {
    return heldBytes + answer.unread();
  }

  /** Whether there is room for more bytes of calls that will be held back. */
  boolean hasRoom() {
    return forwarder.hasRoom();
  }

  // What happens to it.

  private void acquire() {
    if (!attempts.begin(answer, grpc, handshake != null)) {
      giveUp(UpstreamFailure.BREAKER_OPEN);
    }
  }

  /** There is a stream for the present try. */
  void begin(UpstreamStream stream) {
    if (over) {
      stream.cancel();
      return;
    }
    flows();
    attempts.ready(stream);
    if (idleTimeout != null) {
      stream.idleAfter(idleTimeout.toNanos());
    }
    try {
      sent.begin(stream, attempts.address());
    } catch (IllegalArgumentException e) {
      // The codec's word on what the check let pass: an answer, where an exception would leave
      // none.
      attempts.leave(answer);
      refuse(Refusal.unsendable(e));
    }
  }

  /** A 1xx before the answer. */
  void informational(int code, HttpHeaders fields) {
    caller.informational(request, code, fields);
  }

  /** The request is out. */
  void awaitHead(UpstreamStream stream) {
    stream.awaitHead(responseNanos);
  }

  /** More of the request can go out. */
  void takesMore() {
    flows();
    sent.onWritable(over);
  }

  /**
   * The answer's head has come.
   *
   * @return nanoseconds since the call began
   */
  long answered(int status) {
    long nanos = attempts.nanos();
    attempts.answered(nanos);
    listener.onAnswer(status, request.response().headers());
    return nanos;
  }

  /** The upstream is done with its stream. */
  void streamOver() {
    attempts.streamOver();
  }

  /**
   * The answer is out.
   *
   * @param endsByClose whether only the connection's end can end it
   */
  void answeredWhole(boolean endsByClose) {
    finish(ForwardListener.End.ANSWERED, null);
    if (sent.isDone() && !endsByClose) {
      return;
    }
    // Before the request's end, the caller may still send, so that its connection must go.
    if (request.version() == HttpVersion.HTTP_2) {
      sent.discard();
      return;
    }
    if (!sent.isDone()) {
      forwarder.callers().linger(request.connection());
    }
    var unused = request.connection().close();
  }

  /** Both sides agreed by 101 to leave HTTP. */
  void leaveHttp(Tunnel tunnel) {
    attempts.streamOver();
    caller.tunnelled();
    Upgrade.join(this, caller, tunnel);
  }

  /** Both sides of an upgraded connection are joined. */
  void joined(Upgrade connections) {
    joined = connections;
  }

  /** How long an upgraded connection may rest. */
  long idleNanos() {
    return forwarder.defence().idleTimeout().toNanos();
  }

  /** It rested longer. */
  void idled() {
    forwarder.defended(Defended.IDLE);
  }

  void tunnelOver() {
    finish(ForwardListener.End.TUNNELLED, null);
  }

  /** The caller did not read its answer. */
  void unread() {
    forwarder.defended(Defended.SLOW_READER);
    makeRoom();
  }

  @Override
  public void makeRoom() {
    if (over) {
      if (answer.unread() > 0) {
        caller.cancel(request); // its end waits here still
      }
      return;
    }
    attempts.leave(answer);
    finish(ForwardListener.End.ABORTED, null);
    if (joined != null) {
      joined.abort();
    } else {
      answer.abort(Http2Error.CANCEL);
    }
  }

  /** The caller stopped sending in the middle of its body: not the upstream's fault. */
  void stalled() {
    attempts.leave(answer);
    forwarder.defended(Defended.SLOW_BODY);
    answer.status(408);
    finish(ForwardListener.End.ABORTED, null);
    forwarder.refuse(request, Refusal.stalled());
  }

  /** An HTTP/2 upstream reset the stream. */
  void resetBy(long code) {
    attempts.streamOver();
    if (over) {
      return;
    }
    HttpServerResponse response = request.response();
    if (code == Http2Error.REFUSED_STREAM.code() && !answer.hasBegun()) {
      failed(UpstreamFailure.REFUSED, true);
    } else if (request.version() == HttpVersion.HTTP_2 && (grpc || response.headWritten())) {
      attempts.failedForGood(UpstreamFailure.RESET);
      finish(ForwardListener.End.CUT_OFF, UpstreamFailure.RESET);
      boolean saysWhole = code == Http2Error.NO_ERROR.code(); // of an answer that is not
      // The caller reads the reason there.
      var unused = response.reset(saysWhole ? Http2Error.INTERNAL_ERROR.code() : code);
    } else {
      failed(UpstreamFailure.RESET, false);
    }
  }

  /** The present try failed; there may be another. */
  void failed(UpstreamFailure failure, boolean replayable) {
    attempts.streamOver();
    if (over) {
      return;
    }
    if (!answer.hasBegun() && attempts.mayRetry(failure, sent, replayable)) {
      attempts.again(failure, replayable);
      sent.rewind();
      acquire();
      awaitStream();
      return;
    }
    giveUp(failure);
  }

  /** There will be no answer, or not the whole of it. */
  void giveUp(UpstreamFailure failure) {
    if (failure == UpstreamFailure.IDLE_TIMEOUT && !answer.hasBegun() && sent.isCallerAwaited()) {
      stalled();
      return;
    }
    attempts.failedForGood(failure);
    if (attempts.stream() != null) {
      attempts.leave(answer); // what it still sends is of no use
    }
    if (request.response().headWritten()) {
      finish(ForwardListener.End.CUT_OFF, failure);
      answer.abort(Http2Error.INTERNAL_ERROR);
      return;
    }
    boolean began = answer.hasBegun();
    answer.forget();
    answer.status(failure.status());
    listener.onNoAnswer(failure, request.response().headers());
    forwarder.answer(request, Refusal.unusable(upstreamName(), failure));
    finish(began ? ForwardListener.End.CUT_OFF : ForwardListener.End.FAILED, failure);
    sent.discard();
  }

  /** OPTIONS or TRACE for the proxy itself. */
  private void answerItself() {
    answer.status(Refusal.lastHop(request, forwarder));
    finish(ForwardListener.End.FAILED, null);
    sent.discard();
  }

  private void refuse(Problem problem) {
    answer.status(problem.status());
    forwarder.answer(request, problem);
    finish(ForwardListener.End.FAILED, null);
    sent.discard();
  }

  /** No answer has begun; a body may still come, for ever. */
  private void refuseTheRest(Problem why) {
    if (request.version() == HttpVersion.HTTP_2) {
      forwarder.answer(request, why);
      sent.discard();
    } else {
      forwarder.refuse(request, why);
    }
  }

  private void finish(ForwardListener.End end, @Nullable UpstreamFailure failure) {
    if (over) {
      return;
    }
    over = true;
    flows();
    forwarder.ended();
    listener.onOver(end, failure);
  }
}
