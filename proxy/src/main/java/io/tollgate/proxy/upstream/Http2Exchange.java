package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.tollgate.proxy.http.Http2Fields;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/2 connection to an upstream: a stream, with its waits. */
final class Http2Exchange implements UpstreamStream {
  private static final long NEVER = Long.MAX_VALUE;

  private final Http2UpstreamConnection connection;
  private final UpstreamEvents call;
  private long idleNanos;
  private @Nullable Http2Stream stream;
  private boolean over;
  private boolean requestEnded;
  private boolean answerBegan;
  private boolean paused;
  private int unconsumed;
  private long waitsSince;
  private long deadline = NEVER;

  Http2Exchange(Http2UpstreamConnection connection, UpstreamEvents call, long idleNanos) {
    this.connection = connection;
    this.call = call;
    this.idleNanos = idleNanos;
    touch();
  }

  int streamId() {
    return stream == null ? Integer.MAX_VALUE : stream.id();
  }

  @Override
  public boolean framesItself() {
    return true;
  }

  @Override
  public void writeHead(HttpMethod method, String uri, HttpHeaders headers, boolean end) {
    if (over) {
      return;
    }
    requestEnded = end;
    stream =
        connection.open(
            this, Http2Fields.request(method, uri, headers, connection.isSecured()), end);
    if (stream == null) {
      onLost(UpstreamFailure.REFUSED);
      connection.remove(this);
    }
  }

  @Override
  public void writeData(ByteBuf data) {
    Http2Stream open = stream;
    if (over || open == null) {
      data.release();
      return;
    }
    touch();
    write(open, data, false);
  }

  @Override
  public void writeEnd(@Nullable HttpHeaders trailers) {
    Http2Stream open = stream;
    if (over || open == null) {
      return;
    }
    requestEnded = true;
    if (trailers == null) {
      write(open, Unpooled.EMPTY_BUFFER, true);
    } else {
      ChannelHandlerContext ctx = connection.context();
      var unused =
          connection
              .encoder()
              .writeHeaders(
                  ctx, open.id(), Http2Fields.trailers(trailers), 0, true, ctx.newPromise());
      connection.flushSoon();
    }
  }

  private void write(Http2Stream open, ByteBuf data, boolean end) {
    ChannelHandlerContext ctx = connection.context();
    var unused = connection.encoder().writeData(ctx, open.id(), data, 0, end, ctx.newPromise());
    connection.flushSoon();
  }

  @Override
  public boolean isWritable() {
    Http2Stream open = stream;
    return over || open == null || connection.encoder().flowController().isWritable(open);
  }

  @Override
  public void pause() {
    paused = true;
    deadline = System.nanoTime() + idleNanos; // the caller's, not the upstream's
  }

  @Override
  public void resume() {
    if (!paused) {
      return;
    }
    paused = false;
    int due = unconsumed;
    unconsumed = 0;
    Http2Stream open = stream;
    if (!over && open != null && due > 0) {
      connection.consume(open, due);
    }
    touch();
  }

  @Override
  public void awaitHead(long nanos) {
    if (!answerBegan && !over) {
      waitsSince = System.nanoTime();
      deadline = waitsSince + nanos;
    }
  }

  @Override
  public void idleAfter(long nanos) {
    idleNanos = nanos;
    touch();
  }

  @Override
  public void cancel() {
    end(Http2Error.CANCEL);
  }

  /** Fails the exchange if it waited too long. */
  void checkDeadline(long now) {
    if (over || deadline == NEVER || now - deadline < 0) {
      return;
    }
    if (paused) {
      call.onUnread();
      return;
    }
    boolean silent = !answerBegan && requestEnded;
    long since = waitsSince;
    end(Http2Error.CANCEL);
    call.onFailure(silent ? UpstreamFailure.RESPONSE_TIMEOUT : UpstreamFailure.IDLE_TIMEOUT, false);
    if (silent) {
      connection.suspect(since);
    }
  }

  void onHeaders(Http2Headers headers, boolean end) {
    if (over) {
      return;
    }
    touch();
    if (answerBegan) {
      finish(Unpooled.EMPTY_BUFFER, Http2Fields.http1(headers));
      return;
    }
    int status = status(headers);
    if (status < 100 || status == 101 || (status < 200 && end)) {
      end(Http2Error.PROTOCOL_ERROR);
      call.onFailure(UpstreamFailure.MALFORMED, false);
    } else if (status < 200) {
      call.onInformational(status, Http2Fields.http1(headers));
    } else {
      answerBegan = true;
      String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
      call.onHead(status, reason, Http2Fields.http1(headers));
      if (end && !over) {
        finish(Unpooled.EMPTY_BUFFER, null);
      }
    }
  }

  /**
   * A piece of the body.
   *
   * @return how many bytes the peer may send anew
   */
  int onData(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    if (over || !answerBegan) {
      return bytes;
    }
    touch();
    if (end) {
      finish(data.retain(), null);
      return bytes;
    }
    if (bytes > 0) {
      call.onData(data.retain());
    }
    if (paused) {
      unconsumed += bytes;
      return 0;
    }
    return bytes;
  }

  void onReset(long code) {
    if (!over) {
      over = true;
      deadline = NEVER;
      call.onReset(code);
    }
  }

  void onReadComplete() {
    if (!over) {
      call.onReadComplete();
    }
  }

  void onWritable() {
    if (!over) {
      call.onWritable();
    }
  }

  /** The stream closed; where the answer was not whole, that is a failure. */
  void onLost(UpstreamFailure failure) {
    if (!over) {
      over = true;
      deadline = NEVER;
      call.onFailure(failure, false);
    }
  }

  private void finish(ByteBuf last, @Nullable HttpHeaders trailers) {
    // An answer before the request's end: the rest of the request is not needed (RFC 9113, 8.1).
    end(requestEnded ? null : Http2Error.NO_ERROR);
    call.onEnd(last, trailers == null || trailers.isEmpty() ? null : trailers);
  }

  private void end(@Nullable Http2Error reset) {
    if (over) {
      return;
    }
    over = true;
    deadline = NEVER;
    Http2Stream open = stream;
    if (open == null) {
      connection.remove(this);
    } else if (reset != null) {
      connection.reset(open, reset.code());
    }
  }

  private void touch() {
    if (!paused) {
      deadline = System.nanoTime() + idleNanos;
    }
  }

  private static int status(Http2Headers headers) {
    CharSequence status = headers.status();
    if (status == null || status.length() != 3) {
      return 0;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      char digit = status.charAt(i);
      if (digit < '0' || digit > '9') {
        return 0;
      }
      code = code * 10 + digit - '0';
    }
    return code;
  }
}
