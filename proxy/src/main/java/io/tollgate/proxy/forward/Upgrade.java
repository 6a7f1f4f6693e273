package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.http.SocketTunnel;
import io.tollgate.proxy.http.Tunnel;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call that left HTTP: what one side sends goes to the other, held back where that one is slow. A
 * side that sends no more may still read; when both have ended, or one is gone, it is over.
 */
final class Upgrade {
  /** A WebSocket's final frame of the kind "close". */
  private static final int CLOSE = 0x88;

  /** "Policy violation" (RFC 6455, section 7.4.1). */
  private static final int POLICY_VIOLATION = 1008;

  /** Bytes of a reason: a control frame carries 125, the code included (section 5.5). */
  private static final int LONGEST_REASON = 123;

  private final CallRelay call;
  private final Caller connection;
  private final Tunnel caller;
  private final Tunnel upstream;
  private boolean callerEnded;
  private boolean upstreamEnded;
  private boolean over;

  /** Bytes that may lie here on their way up, since the upstream is slow. */
  private int heldUp;

  /** The same down; what waits for a stream is counted by the byte. */
  private int heldDown;

  private long aliveAt = System.nanoTime();
  private @Nullable ScheduledFuture<?> wait;

  private Upgrade(CallRelay call, Caller connection, Tunnel caller, Tunnel upstream) {
    this.call = call;
    this.connection = connection;
    this.caller = caller;
    this.upstream = upstream;
  }

  /** Sends the answer that was prepared and joins both sides. */
  static void join(CallRelay call, Caller connection, Tunnel upstream) {
    HttpServerRequest request = call.request();
    if (request.version() == HttpVersion.HTTP_2) {
      var unused = request.response().writeHead();
      Unread unread = Objects.requireNonNull(call.answer().unreadBytes(), "HTTP/2");
      Upgrade stream =
          new Upgrade(call, connection, new StreamTunnel(request, connection, unread), upstream);
      stream.run();
      if (request.connection() instanceof ConnectionBase base) {
        stream.closeWhenIdle(base.channelHandlerContext().executor());
      }
      return;
    }
    SocketTunnel tunnel = new SocketTunnel();
    if (request.connection() instanceof ConnectionBase base) {
      // Before Vert.x's own handler, which goes on to hear when the connection closes; and before
      // HTTP's decoder leaves, which passes on what came behind the request.
      ChannelHandlerContext ctx = base.channelHandlerContext();
      ctx.pipeline().addBefore(ctx.name(), "tollgate-tunnel", tunnel);
    }
    request
        .toNetSocket()
        .onComplete(
            socket -> new Upgrade(call, connection, tunnel, upstream).run(),
            failure -> {
              upstream.close();
              var unused = request.connection().close();
              call.tunnelOver();
            });
  }

  private void run() {
    call.joined(this);
    // The caller first: an upstream that has ended says so at once, and ends the caller's answer.
    caller.listen(new FromCaller());
    upstream.listen(new FromUpstream());
    if (!over) {
      upstream.resume();
      caller.resume();
    }
  }

  /** A stream beside others: the gate before its connection does not see it rest. */
  private void closeWhenIdle(EventExecutor executor) {
    long left = call.idleNanos() - (System.nanoTime() - aliveAt);
    if (over) {
      return;
    }
    if (left <= 0) {
      call.idled();
      close();
    } else {
      wait = executor.schedule(() -> closeWhenIdle(executor), left, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Ends both sides.
   *
   * @param why what a WebSocket's caller is told; null where no frame can go out
   */
  void end(@Nullable String why) {
    if (why != null) {
      caller.write(closing(why));
    }
    close();
  }

  private static ByteBuf closing(String why) {
    int letters = why.length();
    while (ByteBufUtil.utf8Bytes(why, 0, letters) > LONGEST_REASON) {
      letters = why.offsetByCodePoints(letters, -1);
    }
    ByteBuf frame = Unpooled.buffer(2 + 2 + LONGEST_REASON);
    frame.writeByte(CLOSE).writeByte(2 + ByteBufUtil.utf8Bytes(why, 0, letters));
    frame.writeShort(POLICY_VIOLATION);
    ByteBufUtil.writeUtf8(frame, why, 0, letters);
    return frame;
  }

  /** Closes both sides after what was written. */
  void close() {
    if (over) {
      return;
    }
    over = true;
    if (wait != null) {
      wait.cancel(false);
    }
    caller.close();
    upstream.close();
    call.tunnelOver();
  }

  /** Closes both sides at once. */
  void abort() {
    caller.abort();
    upstream.abort();
    close();
  }

  private void closeIfEnded() {
    if (callerEnded && upstreamEnded) {
      close();
    }
  }

  private void held() {
    if (heldUp + heldDown > 0) {
      call.holdsBack(heldUp + heldDown);
    } else {
      call.flows();
    }
  }

  private void passesUp(ByteBuf bytes) {
    aliveAt = System.nanoTime();
    connection.tunnelled();
    call.sent().count(bytes.readableBytes());
    BodyWatch watch = call.watch();
    if (watch != null) {
      watch.onRequestBytes(bytes);
    }
  }

  private final class FromCaller implements Tunnel.Bytes {
    @Override
    public void onBytes(ByteBuf bytes) {
      passesUp(bytes);
      upstream.write(bytes);
      if (!upstream.isWritable()) {
        caller.pause();
        heldUp = Forwarder.HELD_BYTES;
        held();
      }
    }

    @Override
    public void onWritable() {
      heldDown = 0;
      held();
      upstream.resume();
    }

    @Override
    public void onEnd() {
      callerEnded = true;
      upstream.end();
      closeIfEnded();
    }

    @Override
    public void onClosed() {
      close();
    }
  }

  private final class FromUpstream implements Tunnel.Bytes {
    @Override
    public void onBytes(ByteBuf bytes) {
      connection.tunnelled();
      call.answer().received(bytes);
      aliveAt = System.nanoTime();
      caller.write(bytes);
      if (!caller.isWritable()) {
        upstream.pause();
        heldDown = caller instanceof SocketTunnel ? Forwarder.HELD_BYTES : 0;
        held();
      }
    }

    @Override
    public void onWritable() {
      heldUp = 0;
      held();
      caller.resume();
    }

    @Override
    public void onEnd() {
      upstreamEnded = true;
      caller.end();
      closeIfEnded();
    }

    @Override
    public void onClosed() {
      close();
    }
  }
}
