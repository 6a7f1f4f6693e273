package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.tollgate.proxy.config.Defence;
import io.tollgate.proxy.http.Lethal;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands before everything else on a caller's connection and closes it when it keeps the proxy
 * waiting: for a head that has begun, or for anything at all. One timer a connection, which looks
 * again when the wait may be over. On the connection's event loop.
 */
final class Gate extends ChannelInboundHandlerAdapter implements Runnable {
  private static final AttributeKey<Gate> KEY = AttributeKey.valueOf("tollgate.gate");

  private final CallerMetrics metrics;
  private final HttpServerOptions reading;
  private final long headNanos;
  private final long idleNanos;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> wait;
  private int calls;
  private boolean heading = true; // a new connection owes a head
  private boolean multiplexed;

  /** Whether either HTTP may begin here, in clear text, and has not yet. */
  private boolean undecided;

  /** The letter before the one that decides: of HTTP/2's preface, or of no HTTP at all. */
  private byte before;

  private boolean tunnelled;
  private long since = System.nanoTime();

  /**
   * A gate for one connection.
   *
   * @param reading how requests are read
   * @param eitherHttp whether HTTP/2 may begin here in clear text
   */
  Gate(Defence defence, CallerMetrics metrics, HttpServerOptions reading, boolean eitherHttp) {
    this.reading = reading;
    this.undecided = eitherHttp;
    this.metrics = metrics;
    this.headNanos = defence.headerTimeout().toNanos();
    this.idleNanos = defence.idleTimeout().toNanos();
  }

  /** The gate of a connection; null where none stands. */
  static @Nullable Gate of(ChannelHandlerContext ctx) {
    return ctx.channel().attr(KEY).get();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    ctx.channel().attr(KEY).set(this);
  }

  @Override
  public void channelRegistered(ChannelHandlerContext ctx) {
    lookAgainIn(ctx, headNanos);
    ctx.fireChannelRegistered();
  }

  /** A wait that goes on would keep the connection, long gone, in memory. */
  @Override
  public void channelUnregistered(ChannelHandlerContext ctx) {
    if (wait != null) {
      wait.cancel(false);
    }
    ctx.fireChannelUnregistered();
  }

  /** A caller that breaks off is nothing to log: that the channel closes is told. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Lethal.check(cause);
    if (cause instanceof IOException) {
      var unused = ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (calls == 0 && !heading && !multiplexed) {
      heading = true;
      since = System.nanoTime();
    }
    if (undecided && message instanceof ByteBuf bytes) {
      decide(ctx, bytes);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  /**
   * Byte by byte until Vert.x has seen which HTTP the connection begins with: from then on, and
   * before it has read a request, there is a place between its decoder and its upgrade to HTTP/2.
   */
  private void decide(ChannelHandlerContext ctx, ByteBuf bytes) {
    ChannelPipeline pipeline = ctx.pipeline();
    while (undecided && bytes.isReadable()) {
      byte letter = bytes.getByte(bytes.readerIndex());
      ctx.fireChannelRead(bytes.readRetainedSlice(1));
      if (pipeline.get(StayWithHttp1.UPGRADER) != null) {
        undecided = false;
        pipeline.addBefore(StayWithHttp1.UPGRADER, "tollgate-http1", new StayWithHttp1());
        CallerDecoder decoder = new CallerDecoder(reading);
        if (letter <= ' ' && before != 'P' && before != 'R' && before != 'I') {
          decoder.begin(letter); // Vert.x's own has skipped it; anything else it passes on
        }
        pipeline.replace(CallerDecoder.NAME, CallerDecoder.NAME, decoder);
      } else {
        undecided = pipeline.get(Http2ConnectionHandler.class) == null;
      }
      before = letter;
    }
    if (bytes.isReadable()) {
      ctx.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
  }

  /** HTTP/2: bytes between calls are no head, but pings and the like. */
  void multiplexed() {
    multiplexed = true;
    heading = false;
    since = System.nanoTime();
  }

  /** A head is whole. */
  void entered() {
    calls++;
    heading = false;
  }

  /** A call is over. */
  void left() {
    calls--;
    if (calls == 0) {
      since = System.nanoTime();
    }
  }

  /** The connection leaves HTTP, or bytes pass since it has. */
  void tunnelled() {
    tunnelled = true;
    since = System.nanoTime();
  }

  /**
   * Closes a connection whose caller has reset it. Where that comes within a few milliseconds of a
   * request, netty's io_uring transport does not tell, so that who waits for an answer is asked.
   */
  void lookForReset() {
    ChannelHandlerContext ctx = context;
    if (calls > 0
        && ctx != null
        && ctx.channel() instanceof IoUringSocketChannel socket
        && socket.isActive()
        && TcpState.of(socket) == TcpState.RESET) {
      var unused = socket.close();
    }
  }

  @Override
  public void run() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || !ctx.channel().isActive()) {
      return;
    }
    if (calls > 0 && !tunnelled) {
      lookAgainIn(ctx, idleNanos);
      return;
    }
    long most = heading && !tunnelled ? headNanos : idleNanos;
    long left = most - (System.nanoTime() - since);
    if (left > 0) {
      lookAgainIn(ctx, left);
      return;
    }
    metrics.defended(heading ? Defended.SLOW_HEAD : Defended.IDLE);
    var unused = ctx.channel().close();
  }

  private void lookAgainIn(ChannelHandlerContext ctx, long nanos) {
    long soon = Math.min(nanos, Math.min(headNanos, idleNanos));
    wait = ctx.executor().schedule(this, soon, TimeUnit.NANOSECONDS);
  }
}
