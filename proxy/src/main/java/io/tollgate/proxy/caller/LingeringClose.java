package io.tollgate.proxy.caller;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.tollgate.proxy.config.Defence;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose caller may still send (RFC 9112, section 9.6): the kernel resets a
 * connection that is closed with bytes unread, and the reset takes the answer from the caller. So
 * the sending side ends first, and what still comes is thrown away until the caller closes, is
 * silent, or takes too long. Stands before everything else; on the connection's event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
  /** Closes that follow from one another within it are one. */
  private static final long ONE_CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long silenceNanos;
  private final long mostNanos;
  private boolean lingers;
  private long since;
  private long heardAt;

  private LingeringClose(Defence defence) {
    this.silenceNanos = defence.headerTimeout().toNanos();
    this.mostNanos = defence.idleTimeout().toNanos();
  }

  /**
   * The connection lingers when it is closed next.
   *
   * @param defence whose header timeout bounds a caller's silence, and whose idle timeout the whole
   */
  static void prepare(HttpConnection connection, Defence defence) {
    if (connection instanceof ConnectionBase base
        && base.channelHandlerContext().channel() instanceof DuplexChannel) {
      ChannelPipeline pipeline = base.channelHandlerContext().pipeline();
      if (pipeline.get(LingeringClose.class) == null) {
        pipeline.addFirst(new LingeringClose(defence));
      }
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    long now = System.nanoTime();
    if (!ctx.channel().isActive() || (lingers && now - since > ONE_CLOSE_NANOS)) {
      var unused = ctx.close(promise);
      return;
    }
    ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
    if (!lingers) {
      lingers = true;
      since = now;
      heardAt = now;
      linger(ctx);
    }
  }

  private void linger(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              if (sent.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
                var unused = duplex.shutdownOutput(); // what was written has left
              }
            });
    ctx.channel().config().setAutoRead(true);
    lookAgainIn(ctx, Math.min(silenceNanos, mostNanos));
  }

  private void lookAgainIn(ChannelHandlerContext ctx, long nanos) {
    var unused = ctx.executor().schedule(() -> closeInTime(ctx), nanos, TimeUnit.NANOSECONDS);
  }

  private void closeInTime(ChannelHandlerContext ctx) {
    if (!ctx.channel().isActive()) {
      return;
    }
    long now = System.nanoTime();
    long left = Math.min(silenceNanos - (now - heardAt), mostNanos - (now - since));
    if (left > 0) {
      lookAgainIn(ctx, left);
    } else {
      var unused = ctx.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (lingers) {
      heardAt = System.nanoTime();
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }
}
