package io.tollgate.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A whole TCP connection that left HTTP, each direction of which ends by itself. Stands in its
 * pipeline where the bytes come out. What arrives before anybody listens is kept: the connection is
 * not read meanwhile.
 */
public final class SocketTunnel extends ChannelInboundHandlerAdapter implements Tunnel {
  private static final int LINGER_SECONDS = 5;

  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>(1);
  private @Nullable ChannelHandlerContext context;
  private @Nullable Bytes listener;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean closed;

  /** A tunnel, to be put into a pipeline. */
  public SocketTunnel() {}

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    ctx.channel().config().setAutoRead(false);
    ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void listen(Bytes bytes) {
    listener = bytes;
    ByteBuf piece = early.pollFirst();
    while (piece != null) {
      bytes.onBytes(piece);
      piece = early.pollFirst();
    }
    if (closed) {
      bytes.onClosed();
    } else if (inputEnded) {
      bytes.onEnd();
    }
  }

  @Override
  public void write(ByteBuf bytes) {
    if (outputEnded) {
      bytes.release();
      return;
    }
    ChannelHandlerContext ctx = context();
    var unused = ctx.writeAndFlush(bytes, ctx.voidPromise());
  }

  @Override
  public void end() {
    if (!outputEnded) {
      outputEnded = true;
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> shutDownOutput());
    }
  }

  private void shutDownOutput() {
    ChannelHandlerContext ctx = context();
    if (!(ctx.channel() instanceof DuplexChannel socket)) {
      var unused = ctx.close();
      return;
    }
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls == null) {
      endOutput(socket);
    } else {
      tls.closeOutbound().addListener(told -> endOutput(socket));
    }
  }

  private static void endOutput(DuplexChannel socket) {
    var unused = socket.shutdownOutput();
  }

  @Override
  public boolean isWritable() {
    return context().channel().isWritable();
  }

  @Override
  public void pause() {
    context().channel().config().setAutoRead(false);
  }

  @Override
  public void resume() {
    context().channel().config().setAutoRead(true);
  }

  @Override
  public void close() {
    ChannelHandlerContext ctx = context();
    if (!ctx.channel().isActive()) {
      return;
    }
    outputEnded = true;
    // What was sent before is still due, but not for ever.
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    var unused = ctx.executor().schedule(() -> closeNow(ctx), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void abort() {
    outputEnded = true;
    closeNow(context());
  }

  private static void closeNow(ChannelHandlerContext ctx) {
    var unused = ctx.channel().close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message); // the end of a head
    } else if (listener == null) {
      early.addLast(bytes);
    } else {
      listener.onBytes(bytes);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (listener != null && ctx.channel().isWritable()) {
      listener.onWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case ChannelInputShutdownEvent end -> inputEnds();
      case SslCloseCompletionEvent end -> inputEnds();
      case ChannelInputShutdownReadComplete nothing -> {}
      case Object other -> ctx.fireUserEventTriggered(other);
    }
  }

  private void inputEnds() {
    if (inputEnded) {
      return;
    }
    inputEnded = true;
    if (listener != null) {
      listener.onEnd();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    early.forEach(ByteBuf::release);
    early.clear();
    if (listener != null) {
      listener.onClosed();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Lethal.check(cause);
    // A reset or a failed write: what there is to say is said when the channel becomes inactive.
    var unused = ctx.close();
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }
}
