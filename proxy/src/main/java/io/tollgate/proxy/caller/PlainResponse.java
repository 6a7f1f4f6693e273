package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.tollgate.proxy.http.HeadWriter;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link PlainRequest}. One that is whole before its head went out is written as
 * one buffer; any other goes through netty's encoder. On the connection's event loop.
 */
public final class PlainResponse extends BareResponse {
  private static final Future<Void> WRITTEN = Future.succeededFuture();
  private static final byte[] OK = "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
  private static final int SMALL = 4096;

  private final Http1CallerChannel channel;
  private int code = HttpResponseStatus.OK.code();
  private @Nullable String reason;
  private @Nullable HeadersMultiMap fields;
  private @Nullable HeadersMultiMap trailers;
  private @Nullable Handler<Throwable> onFailure;
  private @Nullable Handler<Void> onDrained;
  private boolean headWritten;
  private boolean ended;
  private boolean closed;
  private long written;

  PlainResponse(Http1CallerChannel channel) {
    this.channel = channel;
  }

  /** Takes over the fields of the upstream's answer, instead of a copy of them. */
  public void adopt(HeadersMultiMap answered) {
    fields = answered;
  }

  @Override
  public HeadersMultiMap headers() {
    HeadersMultiMap known = fields;
    if (known == null) {
      known = HeadersMultiMap.httpHeaders();
      fields = known;
    }
    return known;
  }

  @Override
  public MultiMap trailers() {
    HeadersMultiMap known = trailers;
    if (known == null) {
      known = HeadersMultiMap.httpHeaders();
      trailers = known;
    }
    return known;
  }

  @Override
  public int getStatusCode() {
    return code;
  }

  @Override
  public HttpServerResponse setStatusCode(int status) {
    code = status;
    reason = null;
    return this;
  }

  @Override
  public String getStatusMessage() {
    return status().reasonPhrase();
  }

  @Override
  public HttpServerResponse setStatusMessage(String message) {
    reason = message;
    return this;
  }

  private HttpResponseStatus status() {
    String own = reason;
    return own == null ? HttpResponseStatus.valueOf(code) : new HttpResponseStatus(code, own);
  }

  @Override
  public HttpServerResponse setChunked(boolean chunked) {
    if (chunked) {
      headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
    }
    return this;
  }

  @Override
  public boolean isChunked() {
    return headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  @Override
  public HttpServerResponse exceptionHandler(@Nullable Handler<Throwable> handler) {
    onFailure = handler;
    return this;
  }

  @Override
  public HttpServerResponse drainHandler(@Nullable Handler<Void> handler) {
    onDrained = handler;
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return !channel.isWritable();
  }

  @Override
  public Future<Void> writeHead() {
    head();
    channel.flushUnlessReading();
    return WRITTEN;
  }

  @Override
  public Future<Void> write(Buffer chunk) {
    ByteBuf data = ((BufferInternal) chunk).getByteBuf();
    if (ended || closed) {
      data.release();
      return WRITTEN;
    }
    head();
    written += data.readableBytes();
    channel.write(new DefaultHttpContent(data));
    channel.flushUnlessReading();
    return WRITTEN;
  }

  @Override
  public Future<Void> end(Buffer last) {
    end(((BufferInternal) last).getByteBuf());
    return WRITTEN;
  }

  /** Ends with these bytes, which are released here. */
  public void end(ByteBuf last) {
    if (ended || closed) {
      last.release();
      return;
    }
    ended = true;
    written += last.readableBytes();
    if (headWritten) {
      channel.write(last(last));
    } else {
      headWritten = true;
      whole(last);
    }
    channel.flushUnlessReading();
    channel.answered();
  }

  private void head() {
    if (!headWritten && !closed) {
      headWritten = true;
      channel.write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status(), leaving()));
    }
  }

  /** The fields as they go out. */
  private HeadersMultiMap leaving() {
    HeadersMultiMap known = headers();
    if (channel.goesDown()) {
      known.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return known;
  }

  private LastHttpContent last(ByteBuf data) {
    HttpHeaders tail = tail();
    if (tail.isEmpty() && !data.isReadable()) {
      data.release();
      return LastHttpContent.EMPTY_LAST_CONTENT;
    }
    return new DefaultLastHttpContent(data, tail);
  }

  /** The trailers there are: who only asks for them makes none. */
  private HttpHeaders tail() {
    HeadersMultiMap tail = trailers;
    return tail == null || tail.isEmpty() ? EmptyHttpHeaders.INSTANCE : tail;
  }

  /** Whatever it is, it says how its body ends (RFC 9112, section 6.3). */
  private void whole(ByteBuf body) {
    HeadersMultiMap head = leaving();
    boolean bodiless = code == 204 || code == 205 || code == 304; // as the encoder knows
    if (bodiless || head.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      encoded(head, body);
    } else if (!tail().isEmpty() && !head.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      setChunked(true);
      encoded(head, body);
    } else {
      usual(head, body);
    }
  }

  private void encoded(HeadersMultiMap head, ByteBuf body) {
    channel.write(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status(), body, head, tail()));
  }

  /** Its body ends by its length, so that nothing of it depends on the encoder. */
  private void usual(HeadersMultiMap head, ByteBuf body) {
    int length = body.readableBytes();
    if (!head.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      head.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(length));
    }
    HeadWriter written = channel.writer().begin();
    statusLine(written);
    written.add(head);
    if (length <= SMALL) {
      written.add(body);
      body.release();
      channel.writeEncoded(written.into(channel.allocator(), 0));
    } else {
      channel.writeEncoded(written.into(channel.allocator(), 0));
      channel.writeEncoded(body);
    }
  }

  private void statusLine(HeadWriter out) {
    if (code == HttpResponseStatus.OK.code() && reason == null) {
      out.add(OK);
    } else {
      HttpResponseStatus status = status();
      out.add(VERSION).add(status.codeAsText()).add(' ').add(status.reasonPhrase()).lineEnd();
    }
  }

  /** The caller reads on. */
  void drained() {
    Handler<Void> waiting = onDrained;
    if (waiting != null) {
      waiting.handle(null);
    }
  }

  /** The caller is gone before the answer's end. */
  void callerLeft() {
    closed = true;
    Handler<Throwable> told = onFailure;
    if (told != null) {
      told.handle(new HttpClosedException("Connection was closed"));
    }
  }

  @Override
  public Future<Void> reset(long code) {
    channel.close();
    return WRITTEN;
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public boolean closed() {
    return closed;
  }

  @Override
  public boolean headWritten() {
    return headWritten;
  }

  @Override
  public long bytesWritten() {
    return written;
  }
}
