package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.tollgate.proxy.http.HeadWriter;
import io.tollgate.proxy.http.Lethal;
import io.tollgate.proxy.http.PreparedFields;
import io.tollgate.proxy.http.RequestEncoder;
import io.tollgate.proxy.http.ResponseDecoder;
import io.tollgate.proxy.http.SocketTunnel;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an upstream's address: one exchange at a time, then back to its pool.
 * Lives on one event loop. Opened by Vert.x (transport, names, TLS), spoken with netty's codec: so
 * every 1xx, trailers and 101 pass, and a header map is sent as the caller's connection read it.
 */
final class UpstreamConnection extends ChannelInboundHandlerAdapter implements UpstreamStream {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final byte[] VERSION_AND_LINE_END =
      " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Http1Pool pool;
  private final ResponseDecoder decoder;
  private long idleNanos;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ChannelHandlerContext encoder;
  private @Nullable UpstreamEvents call;
  private boolean used;
  private boolean requestEnded;
  private boolean answerBegan;
  private boolean answerKeepsAlive;
  private boolean informational;
  private boolean paused;
  private boolean closed;
  private long deadline = NEVER;

  UpstreamConnection(Http1Pool pool) {
    this.pool = pool;
    this.decoder = new ResponseDecoder(pool.names());
    this.idleNanos = pool.timeouts().idle().toNanos();
  }

  /** Takes over a channel that Vert.x opened. On its event loop. */
  void install(ChannelPipeline pipeline) {
    if (pipeline.get("chunkedWriter") != null) {
      pipeline.remove("chunkedWriter"); // Vert.x's, for files
    }
    pipeline.replace("handler", "tollgate", this);
    pipeline.addBefore("tollgate", "decoder", decoder);
    pipeline.addBefore("tollgate", "encoder", new RequestEncoder());
    encoder = pipeline.context("encoder");
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** Gives the connection to an exchange. */
  void begin(UpstreamEvents exchange) {
    call = exchange;
    decoder.rest(false);
    idleNanos = pool.timeouts().idle().toNanos();
    requestEnded = false;
    answerBegan = false;
    informational = false;
    touch();
    exchange.onReady(this);
  }

  boolean isOpen() {
    return !closed && channel().channel().isActive();
  }

  /** Fails the exchange if it waited too long; closes the connection if it was idle too long. */
  void checkDeadline(long now) {
    if (deadline == NEVER || now - deadline < 0) {
      return;
    }
    if (call == null) {
      closeNow();
    } else if (paused) {
      call.onUnread();
    } else {
      fail(
          answerBegan || !requestEnded
              ? UpstreamFailure.IDLE_TIMEOUT
              : UpstreamFailure.RESPONSE_TIMEOUT,
          false);
    }
  }

  /** The connection lies in the pool from now on. */
  void rest(long now, long keepAliveNanos) {
    used = true;
    decoder.rest(true);
    deadline = now + keepAliveNanos;
  }

  @Override
  public boolean framesItself() {
    return false;
  }

  @Override
  public void writeHead(HttpMethod method, String uri, HttpHeaders headers, boolean end) {
    decoder.expectHead(method.equals(HttpMethod.HEAD));
    requestEnded = end;
    if (!end) {
      send(new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, uri, headers));
    } else if (headers instanceof HeadersMultiMap fields) {
      sendWhole(begin(method, uri).add(fields));
    } else {
      send(
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              method,
              uri,
              Unpooled.EMPTY_BUFFER,
              headers,
              EmptyHttpHeaders.INSTANCE));
    }
  }

  @Override
  public void writeWhole(
      HttpMethod method,
      String uri,
      HttpHeaders headers,
      @Nullable PreparedFields hop,
      @Nullable PreparedFields told) {
    if (headers instanceof HeadersMultiMap fields) {
      decoder.expectHead(method.equals(HttpMethod.HEAD));
      requestEnded = true;
      sendWhole(begin(method, uri).add(fields, hop, told));
    } else {
      UpstreamStream.super.writeWhole(method, uri, headers, hop, told);
    }
  }

  private HeadWriter begin(HttpMethod method, String uri) {
    HeadWriter head = pool.writer().begin();
    return head.add(method.asciiName()).add(' ').add(uri).add(VERSION_AND_LINE_END);
  }

  /** A request without a body needs no encoder, which would only count what there is not. */
  private void sendWhole(HeadWriter head) {
    ChannelHandlerContext ctx = channel();
    ChannelHandlerContext past = encoder == null ? ctx : encoder;
    var unused = past.writeAndFlush(head.into(ctx.alloc(), 0), ctx.voidPromise());
  }

  @Override
  public void writeData(ByteBuf data) {
    touch();
    send(new DefaultHttpContent(data));
  }

  @Override
  public void writeEnd(@Nullable HttpHeaders trailers) {
    requestEnded = true;
    send(
        trailers == null
            ? LastHttpContent.EMPTY_LAST_CONTENT
            : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers));
  }

  @Override
  public boolean isWritable() {
    return channel().channel().isWritable();
  }

  @Override
  public void pause() {
    if (!paused) {
      paused = true;
      deadline = System.nanoTime() + idleNanos; // the caller's, not the upstream's
      channel().channel().config().setAutoRead(false);
    }
  }

  @Override
  public void resume() {
    if (paused) {
      paused = false;
      touch();
      channel().channel().config().setAutoRead(true);
    }
  }

  @Override
  public void awaitHead(long nanos) {
    if (!answerBegan) {
      deadline = System.nanoTime() + nanos;
    }
  }

  @Override
  public void idleAfter(long nanos) {
    idleNanos = nanos;
  }

  @Override
  public void cancel() {
    call = null;
    closeNow();
  }

  /** Closes a connection that rests. */
  void close() {
    closeNow();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpResponse response) {
      onHead(response);
    } else if (message instanceof HttpContent content) {
      onContent(content);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (call != null) {
      call.onReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (call != null && ctx.channel().isWritable()) {
      call.onWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    leave();
    fail(UpstreamFailure.CLOSED, used && !answerBegan && !informational);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Lethal.check(cause);
    // A reset or a failed write: what there is to say is said when the channel becomes inactive.
    closeNow();
  }

  private void onHead(HttpResponse response) {
    UpstreamEvents exchange = call;
    if (exchange == null || response.decoderResult().isFailure()) {
      fail(UpstreamFailure.MALFORMED, false);
      return;
    }
    int status = response.status().code();
    if (status == SWITCHING_PROTOCOLS) {
      upgrade(exchange, response);
    } else if (status < 200) {
      informational = true;
      exchange.onInformational(status, response.headers());
    } else {
      answerBegan = true;
      answerKeepsAlive = HttpUtil.isKeepAlive(response);
      touch();
      exchange.onHead(status, response.status().reasonPhrase(), response.headers());
    }
  }

  private void upgrade(UpstreamEvents exchange, HttpResponse response) {
    call = null;
    deadline = NEVER;
    leave();
    ChannelPipeline pipeline = channel().pipeline();
    SocketTunnel tunnel = new SocketTunnel();
    pipeline.replace(this, "tunnel", tunnel);
    pipeline.remove("encoder"); // the caller's first bytes may wait already
    exchange.onUpgrade(SWITCHING_PROTOCOLS, response.headers(), tunnel);
    pipeline.remove("decoder"); // hands over what it had read beyond the head
  }

  private void onContent(HttpContent content) {
    UpstreamEvents exchange = call;
    if (content.decoderResult().isFailure()) {
      content.release();
      fail(UpstreamFailure.MALFORMED, false);
    } else if (exchange == null || !answerBegan) {
      content.release(); // the empty end of a 1xx, or what comes after a cancel
    } else if (content instanceof LastHttpContent last) {
      finish(exchange, last);
    } else {
      touch();
      exchange.onData(content.content());
    }
  }

  private void finish(UpstreamEvents exchange, LastHttpContent last) {
    call = null;
    deadline = NEVER;
    HttpHeaders trailers = last.trailingHeaders();
    // Back to the pool first: what the end of this exchange sets off may need a connection. What
    // has come beyond the answer would be taken for the next one's (RFC 9112, section 6.3).
    if (requestEnded && answerKeepsAlive && isOpen() && !decoder.hasMore()) {
      resume();
      pool.release(this);
    } else {
      closeNow();
    }
    exchange.onEnd(last.content(), trailers.isEmpty() ? null : trailers);
  }

  private void fail(UpstreamFailure failure, boolean replayable) {
    UpstreamEvents exchange = call;
    call = null;
    closeNow();
    if (exchange != null) {
      exchange.onFailure(failure, replayable);
    }
  }

  private void closeNow() {
    leave();
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      var unused = ctx.close();
    }
  }

  private void leave() {
    if (!closed) {
      closed = true;
      deadline = NEVER;
      pool.remove(this);
    }
  }

  private void touch() {
    if (!paused) {
      deadline = System.nanoTime() + idleNanos;
    }
  }

  private void send(Object message) {
    ChannelHandlerContext ctx = channel();
    var unused = ctx.writeAndFlush(message, ctx.voidPromise());
  }

  private ChannelHandlerContext channel() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not installed");
    }
    return ctx;
  }
}
