package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.http.PreparedFields;
import io.tollgate.proxy.upstream.UpstreamStream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The caller's side of a call on its way to the upstream: head, body, trailers. Held back while the
 * upstream is slow. On the call's event loop.
 */
final class RequestRelay {
  private static final long SLOW_BODY_GRACE_MILLIS = 10_000;

  /** A body of which the upstream took so much at once deserves a wider window. */
  private static final int WIDENED_AFTER = 32 << 10;

  private final CallRelay call;
  private final HttpServerRequest request;
  private final Caller caller;
  private final HttpMethod method;
  private final HeadersMultiMap fields;
  private final boolean hasBody;
  private final boolean streams;
  private final boolean hostless;
  private @Nullable List<CharSequence> secret;
  private @Nullable PreparedFields hop;
  private @Nullable PreparedFields told;
  private String uri;
  private boolean headSent;
  private boolean done;
  private boolean bodyTaken;
  private boolean upstreamSlow;
  private long bytes;

  /** Bytes by which the caller's window is wider than it was in the beginning. */
  private int widened;

  /**
   * A request that has arrived.
   *
   * @param handshake how it asks to leave HTTP; null where it may not
   */
  RequestRelay(CallRelay call, Caller caller, @Nullable Handshake handshake, String via) {
    this.call = call;
    this.request = call.request();
    this.caller = caller;
    this.method = request.method().toNetty();
    this.uri = Target.toSend(request);
    this.hasBody = handshake == null && Target.hasBody(request, caller);
    this.done = !hasBody;
    this.streams = handshake != null && request.version() == HttpVersion.HTTP_2;
    String host = Target.host(request);
    this.fields = RequestFields.own(request);
    if (RequestFields.clean(fields, host) && !hasBody) {
      this.hop = caller.hop(host);
    } else {
      RequestFields.forwarded(fields, caller, host);
    }
    RequestFields.via(fields, request, via);
    this.hostless = host.isEmpty() && !fields.contains(HttpHeaderNames.HOST);
    if (handshake != null) {
      handshake.into(fields);
    }
  }

  HeadersMultiMap fields() {
    return fields;
  }

  /** Fields that go with it, in place of any of their names. */
  void tell(PreparedFields more) {
    if (hasBody) {
      more.into(fields);
    } else {
      told = more;
    }
  }

  /** Takes a field out of the head, and out of trailers where it may come again. */
  void remove(CharSequence name) {
    fields.remove(name);
    if (!hasBody) {
      return; // and so no trailers
    }
    if (secret == null) {
      secret = new ArrayList<>(1);
    }
    secret.add(name);
  }

  void removeQuery(String name) {
    uri = Target.withoutQuery(uri, name);
  }

  /** Whether the answer is the proxy's own: Max-Forwards is used up. */
  boolean isLastHop() {
    return RequestFields.isLastHop(method, fields);
  }

  boolean hasBody() {
    return hasBody;
  }

  /** Whether it was read to its end. */
  boolean isDone() {
    return done;
  }

  /** Body bytes received so far. */
  long bytes() {
    return bytes;
  }

  void count(int more) {
    bytes += more;
  }

  /** Whether a wait for more of it is the caller's fault. */
  boolean isCallerAwaited() {
    return !done && !upstreamSlow;
  }

  /** Whether it can go out another time: nothing of its body has passed. */
  boolean isReplayable() {
    return !bodyTaken || bytes == 0;
  }

  /** Whether a repetition has no other effect than one (RFC 9110, section 9.2.2). */
  boolean isIdempotent() {
    return !hasBody && Target.isIdempotent(method);
  }

  /** Reads no body until somebody takes it. */
  void hold() {
    if (hasBody || streams) {
      caller.pause(request);
    }
  }

  /**
   * Begins on a stream: at once where the head says how the body ends.
   *
   * @param address whose stream it is: the host, where an HTTP/1.0 caller names none (RFC 9112,
   *     section 3.2)
   */
  void begin(UpstreamStream up, String address) {
    if (hostless) {
      fields.set(HttpHeaderNames.HOST, address);
    }
    if (!hasBody) {
      if (Target.mayHaveBody(method) && !isFramed()) {
        fields.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
      }
      up.writeWhole(method, uri, fields, hop, told);
      headSent = true;
      call.awaitHead(up);
      return;
    }
    if (up.framesItself() || isFramed()) {
      up.writeHead(method, uri, fields, false);
      headSent = true;
    }
    if (done) {
      end(up, null);
    } else {
      takeBody();
    }
  }

  /** Forgets what was sent: it will be sent again. */
  void rewind() {
    headSent = false;
    if (bodyTaken && !done) {
      caller.pause(request);
    }
  }

  /** The upstream takes more. */
  void onWritable(boolean over) {
    upstreamSlow = false;
    if (!done && !over) {
      caller.resume(request);
    }
  }

  /** The rest of a body that nobody wants flows off; the connection can go on. */
  void discard() {
    if (streams) {
      caller.resume(request);
    } else if (hasBody && !done) {
      bodyTaken = true;
      caller.resume(request);
    }
  }

  /** Whether the body's end can be told from the fields, so that the head can go out first. */
  private boolean isFramed() {
    return fields.contains(HttpHeaderNames.CONTENT_LENGTH)
        || fields.contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  private void takeBody() {
    if (bodyTaken) {
      caller.resume(request); // a second try
      return;
    }
    bodyTaken = true;
    request.handler(this::onData);
    request.endHandler(nothing -> onEnd());
    caller.resume(request);
  }

  private void onData(Buffer data) {
    bytes += data.length();
    UpstreamStream up = call.stream();
    if (up == null) {
      return;
    }
    if (comesTooSlowly()) {
      call.stalled();
      return;
    }
    if (!headSent) {
      fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      up.writeHead(method, uri, fields, false);
      headSent = true;
    }
    ByteBuf piece = ((BufferInternal) data).getByteBuf();
    BodyWatch watch = call.watch();
    if (watch != null) {
      watch.onRequestBytes(piece);
    }
    up.writeData(piece);
    if (!up.isWritable()) {
      upstreamSlow = true;
      call.holdsBack(Forwarder.HELD_UPLOAD + widened);
      caller.pause(request);
    } else if (widened == 0 && bytes >= WIDENED_AFTER && call.hasRoom()) {
      widened = caller.widen(request);
    }
  }

  /** A body that is fed drop by drop keeps a connection to the upstream busy. */
  private boolean comesTooSlowly() {
    long millis = call.upstreamNanos() / 1_000_000;
    return millis > SLOW_BODY_GRACE_MILLIS
        && !call.isAnswered()
        && !upstreamSlow
        && request.version() != HttpVersion.HTTP_2
        && fields.contains(HttpHeaderNames.CONTENT_LENGTH)
        && bytes * 1000 < call.slowestBodyRate() * millis;
  }

  private void onEnd() {
    done = true;
    HttpHeaders trailers = caller.trailers(request);
    caller.ended(request);
    UpstreamStream up = call.stream();
    if (up != null) {
      end(up, trailers);
    }
  }

  private void end(UpstreamStream up, @Nullable HttpHeaders trailers) {
    if (headSent) {
      up.writeEnd(passable(up, trailers));
    } else {
      if (Target.mayHaveBody(method)) {
        fields.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
      }
      up.writeHead(method, uri, fields, true);
      headSent = true;
    }
    call.awaitHead(up);
  }

  /** Trailers can go where the body is not ended by its length. */
  private @Nullable HttpHeaders passable(UpstreamStream up, @Nullable HttpHeaders trailers) {
    if (trailers == null
        || !(up.framesItself() || fields.contains(HttpHeaderNames.TRANSFER_ENCODING))) {
      return null;
    }
    RequestFields.stripTrailers(trailers);
    if (secret != null) {
      secret.forEach(trailers::remove);
    }
    return trailers.isEmpty() ? null : trailers;
  }
}
