package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.tollgate.proxy.caller.PlainResponse;
import io.tollgate.proxy.http.Tunnel;
import io.tollgate.proxy.upstream.UpstreamEvents;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.tollgate.proxy.upstream.UpstreamStream;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's answer on its way to the caller: head, body, trailers. A head and what comes with
 * it in the same breath go out in one write; the upstream is held back while the caller is slow. On
 * the call's event loop.
 */
final class AnswerRelay implements UpstreamEvents {
  private static final BufferInternal EMPTY = BufferInternal.buffer(Unpooled.EMPTY_BUFFER);

  private final CallRelay call;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Forwarder forwarder;
  private final @Nullable Unread unread;
  private @Nullable BufferInternal heldBack;
  private boolean began;
  private boolean switched;
  private boolean headDue;
  private boolean endsByClose;
  private boolean trailed;
  private int status;
  private long headNanos = -1;
  private long bytes;

  AnswerRelay(CallRelay call, Forwarder forwarder) {
    this.call = call;
    this.request = call.request();
    this.response = request.response();
    this.forwarder = forwarder;
    this.unread = request.version() == HttpVersion.HTTP_2 ? new Unread(call, forwarder) : null;
  }

  /** Whether its head has come. */
  boolean hasBegun() {
    return began;
  }

  /** Whether it agreed to leave HTTP. */
  boolean hasSwitched() {
    return switched;
  }

  /** Its status, or that of the proxy's own answer instead; 0 while there is none. */
  int status() {
    return status;
  }

  /** The proxy answers itself. */
  void status(int own) {
    status = own;
  }

  /** Nanoseconds from the call's beginning to the head; -1 without one. */
  long headNanos() {
    return headNanos;
  }

  /**
   * A field of its trailers; null where it has none. The response is asked only where there are
   * any: who asks it makes some, and they would go out.
   */
  @Nullable String trailer(CharSequence name) {
    return trailed ? response.trailers().get(name) : null;
  }

  /** Body bytes received so far. */
  long bytes() {
    return bytes;
  }

  /** Bytes that wait for a caller of HTTP/2. */
  int unread() {
    return unread == null ? 0 : unread.bytes();
  }

  /** The same as they are counted; null for a caller of HTTP/1. */
  @Nullable Unread unreadBytes() {
    return unread;
  }

  /** Whether the upstream is held back for them. */
  boolean holdsBack() {
    return unread != null && unread.holdsBack();
  }

  @Override
  public long patienceNanos() {
    return call.responseNanos();
  }

  @Override
  public void onReady(UpstreamStream stream) {
    call.begin(stream);
  }

  @Override
  public void onInformational(int code, HttpHeaders informational) {
    if (call.isOver() || request.version() == HttpVersion.HTTP_1_0) {
      return;
    }
    RequestFields.strip(informational);
    call.informational(code, informational);
  }

  @Override
  public void onHead(int code, String reason, HttpHeaders head) {
    if (call.isOver()) {
      return;
    }
    began = true;
    status = code;
    try {
      boolean dated =
          (response instanceof PlainResponse plain && head instanceof HeadersMultiMap own)
              ? AnswerFields.adopt(plain, own, forwarder.checked())
              : AnswerFields.copy(head, response.headers());
      AnswerFields.add(response.headers(), dated, forwarder, call.upstreamVersion());
      AnswerFields.status(code, reason, request);
      if (call.isByHttp2()) {
        AnswerFields.announceTrailers(request);
      }
    } catch (IllegalArgumentException e) {
      call.giveUp(UpstreamFailure.MALFORMED);
      return;
    }
    headNanos = call.answered(code);
    headDue = true;
  }

  @Override
  public void onUpgrade(int code, HttpHeaders head, Tunnel tunnel) {
    if (call.isOver()) {
      tunnel.close();
      return;
    }
    Handshake handshake = call.handshake();
    if (handshake == null || !handshake.isAnsweredBy(head)) {
      tunnel.close();
      call.giveUp(UpstreamFailure.MALFORMED);
      return;
    }
    status = handshake.status();
    began = true;
    switched = true;
    handshake.outOf(head);
    response.setStatusCode(status);
    for (Map.Entry<String, String> field : head) {
      response.headers().add(field.getKey(), field.getValue());
    }
    headNanos = call.answered(status);
    call.leaveHttp(tunnel);
  }

  @Override
  public void onData(ByteBuf data) {
    received(data);
    BufferInternal buffer = BufferInternal.safeBuffer(data);
    if (call.isOver()) {
      return;
    }
    if (headDue && heldBack == null) {
      heldBack = buffer; // the end may come in the same breath: then it is one write
      return;
    }
    flush();
    write(buffer);
  }

  /** Bytes for the caller, of the body or of an upgraded connection. */
  void received(ByteBuf data) {
    bytes += data.readableBytes();
    BodyWatch watch = call.watch();
    if (watch != null) {
      watch.onResponseBytes(data);
    }
  }

  @Override
  public void onReadComplete() {
    if (call.isOver() || !headDue) {
      return;
    }
    if (heldBack != null) {
      flush();
    } else if (request.version() != HttpVersion.HTTP_1_0) {
      AnswerFields.frame(response);
      headDue = false;
      var unused = response.writeHead();
    }
  }

  @Override
  public void onEnd(ByteBuf data, @Nullable HttpHeaders trailers) {
    received(data);
    if (headDue
        && heldBack == null
        && trailers == null
        && response instanceof PlainResponse plain) {
      endAtOnce(plain, data);
      return;
    }
    BufferInternal last = take(data);
    call.streamOver();
    if (call.isOver()) {
      return;
    }
    if (trailers != null) {
      trailed = true;
      AnswerFields.trailers(response, headDue, trailers);
    }
    if (heldBack != null && last == null) {
      last = heldBack; // head, one piece and the end came together
      heldBack = null;
    }
    flush();
    if (headDue && !call.isRequestWhole() && request.version() != HttpVersion.HTTP_2) {
      AnswerFields.announceClose(response);
    }
    end(last);
    call.answeredWhole(endsByClose);
  }

  /** An answer that came whole: the most frequent kind goes out as one buffer. */
  private void endAtOnce(PlainResponse plain, ByteBuf data) {
    call.streamOver();
    if (call.isOver()) {
      data.release();
      return;
    }
    plain.end(data);
    call.answeredWhole(false);
  }

  @Override
  public void onWritable() {
    call.takesMore();
  }

  @Override
  public void onUnread() {
    call.unread();
  }

  @Override
  public void onReset(long code) {
    call.resetBy(code);
  }

  @Override
  public void onFailure(UpstreamFailure failure, boolean replayable) {
    call.failed(failure, replayable);
  }

  /** Forgets an answer of which nothing has gone out. */
  void forget() {
    response.headers().clear();
    heldBack = null;
    headDue = false;
  }

  /** Ends a gRPC answer in the middle. */
  void exhausted(Problem why) {
    flush();
    trailed = !headDue;
    Grpc.exhausted(response, headDue, why);
  }

  /**
   * Breaks it off, so that nobody takes what went out for the whole.
   *
   * @param reason what a caller of HTTP/2 is told; NO_ERROR would mean a whole answer (RFC 9113,
   *     section 8.1)
   */
  void abort(Http2Error reason) {
    if (request.version() == HttpVersion.HTTP_2) {
      var unused = response.reset(reason.code());
    } else {
      var unused = request.connection().close();
    }
  }

  private void flush() {
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
      if (AnswerFields.endsByClose(request)) {
        endsByClose = true;
        AnswerFields.announceClose(response);
      }
    }
    if (unread != null) {
      int length = buffer.length();
      unread.wrote(response.write(buffer), length);
      UpstreamStream up = call.stream();
      if (up != null) {
        unread.pause(up);
      }
      return;
    }
    var unused = response.write(buffer);
    UpstreamStream up = call.stream();
    if (up != null && response.writeQueueFull()) {
      up.pause();
      call.holdsBack(Forwarder.HELD_BYTES);
      response.drainHandler(
          drained -> {
            call.flows();
            up.resume();
          });
    }
  }

  private void end(@Nullable BufferInternal last) {
    if (unread == null) {
      var unused = response.end(last == null ? EMPTY : last);
      return;
    }
    if (headDue && call.isGrpc() && !response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      response.headersEndHandler(
          done -> response.headers().remove(HttpHeaderNames.CONTENT_LENGTH)); // Vert.x adds one
    }
    int length = last == null ? 0 : last.length();
    Future<Void> ended = last == null ? response.end() : response.end(last);
    if (length > 0) {
      unread.wrote(ended, length);
    }
  }

  private static @Nullable BufferInternal take(ByteBuf data) {
    if (data.isReadable()) {
      return BufferInternal.safeBuffer(data);
    }
    data.release();
    return null;
  }
}
