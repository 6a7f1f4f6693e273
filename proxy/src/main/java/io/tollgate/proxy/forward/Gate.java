package io.tollgate.proxy.forward;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.tollgate.proxy.config.Defence;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands before everything else on a caller's connection and closes it when it keeps the proxy
 * waiting: for a head that has begun, or for anything at all. One timer a connection, which looks
 * again when the wait may be over. On the connection's event loop.
 */
final class Gate extends ChannelInboundHandlerAdapter implements Runnable {
  private static final AttributeKey<Gate> KEY = AttributeKey.valueOf("tollgate.gate");

  private final ForwardMetrics metrics;
  private final long headNanos;
  private final long idleNanos;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> wait;
  private int calls;
  private boolean heading = true; // a new connection owes a head
  private boolean multiplexed;
  private boolean tunnelled;
  private long since = System.nanoTime();

  Gate(Defence defence, ForwardMetrics metrics) {
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

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (calls == 0 && !heading && !multiplexed) {
      heading = true;
      since = System.nanoTime();
    }
    ctx.fireChannelRead(message);
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
