package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.Http2Error;
import io.tollgate.proxy.config.Route;
import io.tollgate.proxy.config.UpstreamSettings.Protocol;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: the caller's request streams to an upstream, the upstream's answer streams
 * back, each side held back when the other is slow. Lives on the caller's event loop.
 */
public final class Forwarding implements UpstreamEvents, Handler<Throwable> {
  private static final long SLOW_BODY_GRACE_MILLIS = 10_000;
  private static final BufferInternal EMPTY = BufferInternal.buffer(Unpooled.EMPTY_BUFFER);

  private final Forwarder forwarder;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Upstream upstream;
  private final ForwardListener listener;
  private final HttpHeaders fields;
  private final HttpMethod method;
  private String uri;
  private final long responseNanos;
  private final @Nullable Duration idleTimeout;
  private final boolean hasBody;
  private final boolean grpc;
  private final Caller caller;
  private @Nullable String upgrade;
  private @Nullable AddressPool pool;
  private @Nullable UpstreamStream stream;
  private @Nullable BufferInternal heldBack;
  private boolean headSent;
  private boolean headDue;
  private boolean requestDone;
  private boolean bodyTaken;
  private boolean answered;
  private boolean over;
  private boolean upstreamSlow;
  private int tries;
  private long requestBytes;
  private long responseBytes;
  private int status;
  private long headNanos = -1;
  private @Nullable BodyWatch watch;
  private @Nullable Upgrade joined;
  private final long beganAt = System.nanoTime();

  Forwarding(
      Forwarder forwarder, HttpServerRequest request, Route route, ForwardListener listener) {
    this.forwarder = forwarder;
    this.request = request;
    this.response = request.response();
    this.listener = listener;
    this.upstream = forwarder.upstream(route.upstream());
    this.method = request.method().toNetty();
    this.uri = Target.toSend(request);
    this.caller = forwarder.caller(request.connection());
    this.upgrade =
        upstream.settings().protocol() == Protocol.HTTP2 ? null : Upgrade.wanted(request);
    this.hasBody = upgrade == null && Target.hasBody(request, caller.tail());
    this.grpc = Grpc.is(request);
    this.requestDone = !hasBody;
    this.responseNanos =
        (route.responseTimeout() == null
                ? upstream.settings().timeouts().response()
                : route.responseTimeout())
            .toNanos();
    this.idleTimeout = route.idleTimeout();
    String host = Target.host(request);
    this.fields = RequestFields.of(request, caller, host, upgrade, forwarder.via());
  }

  /** Sets a field of the request that goes upstream. Before {@link #start}. */
  public Forwarding set(CharSequence name, CharSequence value) {
    fields.set(name, value);
    return this;
  }

  /** Takes a field out of the request that goes upstream. Before {@link #start}. */
  public Forwarding remove(CharSequence name) {
    fields.remove(name);
    return this;
  }

  /** Takes a query parameter out of the target that goes upstream. Before {@link #start}. */
  public Forwarding removeQuery(String name) {
    uri = Target.withoutQuery(uri, name);
    return this;
  }

  /** Lets somebody look at the bytes as they pass. Before {@link #start}. */
  public Forwarding watch(BodyWatch looking) {
    watch = looking;
    return this;
  }

  /** Whether the call is gRPC. */
  public boolean isGrpc() {
    return grpc;
  }

  /** Sends the call on its way. */
  public void start() {
    response.exceptionHandler(this);
    if (hasBody) {
      request.pause();
    }
    forwarder.began();
    if (RequestFields.isLastHop(method, fields)) {
      answerItself();
    } else {
      acquire();
    }
  }

  /** OPTIONS or TRACE for the proxy itself: it has nothing to say, and does not echo fields. */
  private void answerItself() {
    boolean options = method.equals(HttpMethod.OPTIONS);
    status = options ? 200 : 501;
    if (options) {
      var unused = response.end();
    } else {
      Problem.of(501, "Not implemented", "Fields are not echoed here.").answer(request);
    }
    finish(ForwardListener.End.FAILED, null);
    discardBody();
  }

  /** Whether the request has a body, which this forwarding then takes itself. */
  public boolean hasBody() {
    return hasBody;
  }

  /** Body bytes received from the caller so far. */
  public long requestBytes() {
    return requestBytes;
  }

  /** Body bytes received from the upstream so far. */
  public long responseBytes() {
    return responseBytes;
  }

  /** The upstream's name. */
  public String upstreamName() {
    return upstream.settings().name();
  }

  /** Nanoseconds from the call's start upstream; asked when it is over. */
  public long upstreamNanos() {
    return System.nanoTime() - beganAt;
  }

  /** Nanoseconds from the call's start upstream to its answer's head; -1 without one. */
  public long headNanos() {
    return headNanos;
  }

  /** The answer's status; 0 while there is none. */
  public int status() {
    return status;
  }

  /** A field of the caller's response, or of its trailer; null if absent. */
  public @Nullable String responseField(CharSequence name) {
    String value = response.headers().get(name);
    return value == null && answered ? response.trailers().get(name) : value;
  }

  private void acquire() {
    tries++;
    if (!upstream.breaker().tryAcquirePermission()) {
      giveUp(UpstreamFailure.BREAKER_OPEN);
      return;
    }
    AddressPool chosen = upstream.choose(System.nanoTime());
    pool = chosen;
    chosen.acquire(this, upstream.wanted(grpc, upgrade != null));
  }

  @Override
  public void onReady(UpstreamStream ready) {
    if (over) {
      ready.cancel();
      return;
    }
    stream = ready;
    if (idleTimeout != null) {
      ready.idleAfter(idleTimeout.toNanos());
    }
    if (!hasBody) {
      ready.writeHead(method, uri, fields, true);
      headSent = true;
      ready.awaitHead(responseNanos);
      return;
    }
    if (ready.framesItself() || isFramed()) {
      ready.writeHead(method, uri, fields, false);
      headSent = true;
    }
    if (requestDone) {
      endRequest(ready, null);
    } else {
      takeBody();
    }
  }

  /** Whether the body's end can be told from the fields, so that the head can go out first. */
  private boolean isFramed() {
    return fields.contains(HttpHeaderNames.CONTENT_LENGTH)
        || fields.contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  private void takeBody() {
    if (bodyTaken) {
      request.resume(); // a second try
      return;
    }
    bodyTaken = true;
    request.handler(this::onRequestData);
    request.endHandler(done -> onRequestEnd());
    request.resume();
  }

  private void onRequestData(Buffer data) {
    UpstreamStream up = stream;
    requestBytes += data.length();
    if (over || up == null) {
      return;
    }
    if (comesTooSlowly()) {
      giveUpSlowBody(up);
      return;
    }
    if (!headSent) {
      fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      up.writeHead(method, uri, fields, false);
      headSent = true;
    }
    ByteBuf bytes = ((BufferInternal) data).getByteBuf();
    if (watch != null) {
      watch.onRequestBytes(bytes);
    }
    up.writeData(bytes);
    if (!up.isWritable()) {
      upstreamSlow = true;
      forwarder.holdsBack(this);
      request.pause();
    }
  }

  /** A body that is fed drop by drop keeps a connection to the upstream busy. */
  private boolean comesTooSlowly() {
    long millis = (System.nanoTime() - beganAt) / 1_000_000;
    return millis > SLOW_BODY_GRACE_MILLIS
        && !answered
        && !upstreamSlow
        && request.version() != HttpVersion.HTTP_2
        && fields.contains(HttpHeaderNames.CONTENT_LENGTH)
        && requestBytes * 1000 < forwarder.defence().bodyRate() * millis;
  }

  private void giveUpSlowBody(UpstreamStream up) {
    stream = null;
    up.cancel();
    stalled();
  }

  private void onRequestEnd() {
    requestDone = true;
    HttpHeaders trailers = caller.tail().trailers(request);
    caller.tail().ended(request);
    UpstreamStream up = stream;
    if (!over && up != null) {
      endRequest(up, trailers);
    }
  }

  private void endRequest(UpstreamStream up, @Nullable HttpHeaders trailers) {
    if (headSent) {
      up.writeEnd(passable(up, trailers));
    } else {
      if (Target.mayHaveBody(method)) {
        fields.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
      }
      up.writeHead(method, uri, fields, true);
      headSent = true;
    }
    up.awaitHead(responseNanos);
  }

  /** Trailers can go where the body is not ended by its length. */
  private @Nullable HttpHeaders passable(UpstreamStream up, @Nullable HttpHeaders trailers) {
    if (trailers == null
        || !(up.framesItself() || fields.contains(HttpHeaderNames.TRANSFER_ENCODING))) {
      return null;
    }
    RequestFields.stripTrailers(trailers);
    return trailers.isEmpty() ? null : trailers;
  }

  @Override
  public void onWritable() {
    upstreamSlow = false;
    forwarder.flows(this);
    if (!requestDone && !over) {
      request.resume();
    }
  }

  @Override
  public void onInformational(int code, HttpHeaders informational) {
    if (over || request.version() == HttpVersion.HTTP_1_0) {
      return;
    }
    if (code == 100) {
      var unused = response.writeContinue();
    } else if (code == 103) {
      RequestFields.strip(informational);
      var unused = response.writeEarlyHints(Target.multiMap(informational));
    }
  }

  @Override
  public void onHead(int code, String reason, HttpHeaders head) {
    if (over) {
      return;
    }
    answered = true;
    status = code;
    try {
      AnswerFields.copy(code, reason, head, request, forwarder.via());
    } catch (IllegalArgumentException e) {
      giveUp(UpstreamFailure.MALFORMED);
      return;
    }
    if (pool != null) {
      pool.health().succeeded();
    }
    headNanos = System.nanoTime() - beganAt;
    upstream.breaker().onSuccess(headNanos, TimeUnit.NANOSECONDS);
    listener.onAnswer(code, response.headers());
    headDue = true;
  }

  @Override
  public void onData(ByteBuf data) {
    responseBytes += data.readableBytes();
    if (watch != null) {
      watch.onResponseBytes(data);
    }
    BufferInternal buffer = BufferInternal.safeBuffer(data);
    if (over) {
      return;
    }
    if (headDue && heldBack == null) {
      heldBack = buffer; // the end may come in the same breath: then it is one write
      return;
    }
    flushHeld();
    write(buffer);
  }

  @Override
  public void onReadComplete() {
    if (over || !headDue) {
      return;
    }
    if (heldBack != null) {
      flushHeld();
    } else if (request.version() != HttpVersion.HTTP_1_0) {
      AnswerFields.frame(response);
      headDue = false;
      var unused = response.writeHead();
    }
  }

  private void flushHeld() {
    BufferInternal held = heldBack;
    if (held != null) {
      heldBack = null;
      write(held);
    }
  }

  private void write(BufferInternal buffer) {
    if (headDue) {
      headDue = false;
      AnswerFields.frame(response);
    }
    var unused = response.write(buffer);
    UpstreamStream up = stream;
    if (up != null && response.writeQueueFull()) {
      up.pause();
      forwarder.holdsBack(this);
      response.drainHandler(
          drained -> {
            forwarder.flows(this);
            up.resume();
          });
    }
  }

  @Override
  public void onEnd(ByteBuf data, @Nullable HttpHeaders trailers) {
    responseBytes += data.readableBytes();
    if (watch != null) {
      watch.onResponseBytes(data);
    }
    BufferInternal last = take(data);
    stream = null;
    if (over) {
      return;
    }
    boolean unframed = headDue && AnswerFields.endsByClose(request);
    if (trailers != null) {
      AnswerFields.trailers(response, headDue, trailers);
    }
    if (heldBack != null && last == null) {
      last = heldBack; // head, one piece and the end came together
      heldBack = null;
    }
    flushHeld();
    end(last);
    finish(ForwardListener.End.ANSWERED, null);
    if (!requestDone || unframed) {
      closeCaller();
    }
  }

  private void end(@Nullable BufferInternal last) {
    if (request.version() != HttpVersion.HTTP_2) {
      var unused = response.end(last == null ? EMPTY : last);
      return;
    }
    if (grpc && headDue && !response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      response.headersEndHandler(
          done -> response.headers().remove(HttpHeaderNames.CONTENT_LENGTH)); // Vert.x adds one
    }
    var unused = last == null ? response.end() : response.end(last);
  }

  private static @Nullable BufferInternal take(ByteBuf data) {
    if (data.isReadable()) {
      return BufferInternal.safeBuffer(data);
    }
    data.release();
    return null;
  }

  @Override
  public void onUpgrade(int code, HttpHeaders head, UpstreamTunnel tunnel) {
    stream = null;
    status = code;
    if (over || upgrade == null) {
      tunnel.close();
      giveUp(UpstreamFailure.MALFORMED);
      return;
    }
    answered = true;
    headNanos = System.nanoTime() - beganAt;
    upstream.breaker().onSuccess(headNanos, TimeUnit.NANOSECONDS);
    for (Map.Entry<String, String> field : head) {
      response.headers().add(field.getKey(), field.getValue());
    }
    listener.onAnswer(code, response.headers());
    Upgrade.pump(request, tunnel, this);
  }

  /** Both sides of an upgraded connection are joined. */
  void joined(Upgrade connections) {
    joined = connections;
  }

  /** The connection has left HTTP, or is alive since it has. */
  void tunnels() {
    if (caller.gate() != null) {
      caller.gate().tunnelled();
    }
  }

  /** Bytes of an upgraded connection, towards the upstream. */
  void tunnelledUp(ByteBuf bytes) {
    tunnels();
    requestBytes += bytes.readableBytes();
    if (watch != null) {
      watch.onRequestBytes(bytes);
    }
  }

  /** Bytes of an upgraded connection, towards the caller. */
  void tunnelledDown(ByteBuf bytes) {
    tunnels();
    responseBytes += bytes.readableBytes();
    if (watch != null) {
      watch.onResponseBytes(bytes);
    }
  }

  /**
   * Ends the call in the middle, since it may use no more: a gRPC caller reads RESOURCE_EXHAUSTED,
   * a WebSocket is closed with 1008, an answer that has not begun is 429, and any other is cut off.
   *
   * @param betweenFrames whether a frame of our own can go to the caller of a WebSocket
   */
  public void cutOff(boolean betweenFrames) {
    if (over) {
      return;
    }
    UpstreamStream up = stream;
    stream = null;
    if (up != null) {
      up.cancel();
    } else if (pool != null && joined == null) {
      pool.forget(this);
    }
    if (!answered) {
      upstream.breaker().releasePermission();
    }
    status = answered ? status : 429;
    finish(ForwardListener.End.SPENT, null);
    if (joined != null) {
      joined.end(betweenFrames);
    } else if (!answered) {
      refuseTheRest();
    } else if (grpc) {
      flushHeld();
      Grpc.exhausted(response, headDue);
    } else {
      abortCaller();
    }
  }

  /** No answer has begun; a body may still come, for ever. */
  private void refuseTheRest() {
    Problem spent = Problem.of(429, "Limit reached", "A limit was reached while the call ran.");
    if (request.version() == HttpVersion.HTTP_2) {
      spent.answer(request);
      discardBody();
    } else {
      forwarder.refuse(request, spent);
    }
  }

  void tunnelOver() {
    finish(ForwardListener.End.TUNNELLED, null);
  }

  @Override
  public void onUnread() {
    forwarder.defended(Defended.SLOW_READER);
    giveUpCaller();
  }

  /** Ends a call whose caller does not read, or whose upstream does not. */
  void giveUpCaller() {
    UpstreamStream up = stream;
    stream = null;
    if (over) {
      return;
    }
    if (up != null) {
      up.cancel();
    }
    if (!answered) {
      upstream.breaker().releasePermission();
    }
    finish(ForwardListener.End.ABORTED, null);
    abortCaller();
  }

  @Override
  public void onReset(long code) {
    stream = null;
    if (over) {
      return;
    }
    if (code == Http2Error.REFUSED_STREAM.code() && !answered) {
      onFailure(UpstreamFailure.REFUSED, true);
    } else if (request.version() == HttpVersion.HTTP_2 && (grpc || response.headWritten())) {
      forwarder.failed(upstream, pool, UpstreamFailure.RESET);
      countFailure(UpstreamFailure.RESET);
      finish(ForwardListener.End.CUT_OFF, UpstreamFailure.RESET);
      var unused = response.reset(code); // the caller reads the reason there
    } else {
      giveUp(UpstreamFailure.RESET);
    }
  }

  @Override
  public void onFailure(UpstreamFailure failure, boolean replayable) {
    stream = null;
    if (over) {
      return;
    }
    if (mayRetry(failure, replayable)) {
      forwarder.retried(upstream);
      countFailure(failure);
      headSent = false;
      if (bodyTaken && !requestDone) {
        request.pause();
      }
      acquire();
      return;
    }
    giveUp(failure);
  }

  /**
   * Nothing was sent, or a pooled connection was stale and the method allows a second time (RFC
   * 9110, section 9.2.2). Once.
   */
  private boolean mayRetry(UpstreamFailure failure, boolean replayable) {
    if (tries > 1 || answered || (bodyTaken && requestBytes > 0)) {
      return false;
    }
    return switch (failure) {
      case REFUSED -> true;
      case CONNECT, CONNECT_TIMEOUT, NAME -> upstream.settings().endpoints().size() > 1;
      case CLOSED -> replayable && !hasBody && Target.isIdempotent(method);
      case NO_CONNECTION,
          BREAKER_OPEN,
          RESPONSE_TIMEOUT,
          IDLE_TIMEOUT,
          MALFORMED,
          SHUTDOWN,
          RESET ->
          false;
    };
  }

  private void giveUp(UpstreamFailure failure) {
    if (failure == UpstreamFailure.IDLE_TIMEOUT && !requestDone && !answered && !upstreamSlow) {
      stalled();
      return;
    }
    forwarder.failed(upstream, pool, failure);
    countFailure(failure);
    if (response.headWritten()) {
      finish(ForwardListener.End.CUT_OFF, failure);
      abortCaller();
      return;
    }
    response.headers().clear();
    heldBack = null;
    headDue = false;
    status = failure.status();
    listener.onNoAnswer(failure, response.headers());
    Problem.of(
            failure.status(),
            "Upstream failure",
            "The service '" + upstream.settings().name() + "' cannot be used: " + failure.detail())
        .answer(request);
    finish(answered ? ForwardListener.End.CUT_OFF : ForwardListener.End.FAILED, failure);
    discardBody();
  }

  private void countFailure(UpstreamFailure failure) {
    if (!answered && failure != UpstreamFailure.BREAKER_OPEN) {
      upstream
          .breaker()
          .onError(System.nanoTime() - beganAt, TimeUnit.NANOSECONDS, new UpstreamLost(failure));
    }
  }

  /** The caller stopped sending in the middle of its body: not the upstream's fault. */
  private void stalled() {
    forwarder.defended(Defended.SLOW_BODY);
    upstream.breaker().releasePermission();
    status = 408;
    Problem problem = Problem.of(408, "Request timeout", "The body stopped in the middle.");
    finish(ForwardListener.End.ABORTED, null);
    forwarder.refuse(request, problem);
  }

  /** What the breaker is told; without a stack, which nobody would look at. */
  private static final class UpstreamLost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UpstreamLost(UpstreamFailure failure) {
      super(failure.label(), null, false, false);
    }
  }

  /** The caller went away, or its request turned out to be malformed. */
  @Override
  public void handle(Throwable cause) {
    if (over) {
      return;
    }
    UpstreamStream up = stream;
    stream = null;
    if (up != null) {
      up.cancel();
    } else if (pool != null) {
      pool.forget(this);
    }
    if (!answered) {
      upstream.breaker().releasePermission();
    }
    finish(ForwardListener.End.ABORTED, null);
    if (cause instanceof IllegalArgumentException || cause instanceof DecoderException) {
      refuseCaller(String.valueOf(cause.getMessage()));
    }
  }

  /** The body turned out not to be HTTP; Vert.x closes the connection when this returns. */
  private void refuseCaller(String why) {
    forwarder.refuse(request, Problem.of(400, "Bad request", "The body is not valid: " + why));
    if (request.connection() instanceof ConnectionBase connection) {
      connection.channelHandlerContext().flush();
    }
  }

  private void finish(ForwardListener.End end, @Nullable UpstreamFailure failure) {
    if (over) {
      return;
    }
    over = true;
    forwarder.flows(this);
    forwarder.ended();
    listener.onOver(end, failure);
  }

  private void abortCaller() {
    if (request.version() == HttpVersion.HTTP_2) {
      var unused = response.reset();
    } else {
      var unused = request.connection().close();
    }
  }

  /** The rest of a body that nobody wants flows off; the connection can go on. */
  private void discardBody() {
    if (hasBody && !requestDone && !bodyTaken) {
      bodyTaken = true;
      request.resume();
    } else if (hasBody && !requestDone) {
      request.resume();
    }
  }

  /** An answer before the request's end: the caller may still send, so the connection must go. */
  private void closeCaller() {
    if (request.version() == HttpVersion.HTTP_2) {
      discardBody();
    } else {
      var unused = request.connection().close();
    }
  }
}
