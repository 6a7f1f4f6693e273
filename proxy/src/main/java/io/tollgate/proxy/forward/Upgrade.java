package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.tollgate.proxy.upstream.UpstreamTunnel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/** The way out of HTTP/1.1: WebSocket and whatever else both sides agree on by 101. */
final class Upgrade {
  /** A close frame that says "policy violation" (RFC 6455, section 7.4.1). */
  private static final byte[] POLICY_VIOLATION = {(byte) 0x88, 2, 0x03, (byte) 0xf0};

  private final NetSocket caller;
  private final UpstreamTunnel tunnel;

  private Upgrade(NetSocket caller, UpstreamTunnel tunnel) {
    this.caller = caller;
    this.tunnel = tunnel;
  }

  /** Ends both sides; a WebSocket's caller is told why where a frame can go out. */
  void end(boolean betweenFrames) {
    if (betweenFrames) {
      var unused = caller.write(Buffer.buffer(POLICY_VIOLATION));
    }
    var unused = caller.close(); // after what is written
    tunnel.close();
  }

  /**
   * The protocol the caller asks to switch to; null where it asks for none, or for HTTP/2, which an
   * intermediary speaks for itself.
   */
  static @Nullable String wanted(HttpServerRequest request) {
    String protocol = request.headers().get(HttpHeaderNames.UPGRADE);
    if (protocol == null
        || request.version() != HttpVersion.HTTP_1_1
        || protocol.regionMatches(true, 0, "h2c", 0, 3)
        || !asksToUpgrade(request)) {
      return null;
    }
    return protocol;
  }

  private static boolean asksToUpgrade(HttpServerRequest request) {
    return request.headers().getAll(HttpHeaderNames.CONNECTION).stream()
        .flatMap(value -> Caller.tokens(value).stream())
        .anyMatch(token -> HttpHeaderValues.UPGRADE.contentEqualsIgnoreCase(token));
  }

  /** Sends the 101 that was prepared and joins both connections until one of them closes. */
  static void pump(
      HttpServerRequest request,
      UpstreamTunnel tunnel,
      Forwarding forwarding,
      @Nullable Gate gate) {
    tunnel.pause();
    alive(gate);
    request
        .toNetSocket()
        .onComplete(
            socket -> join(socket, tunnel, forwarding, gate),
            failure -> {
              tunnel.close();
              forwarding.tunnelOver();
            });
  }

  private static void join(
      NetSocket socket, UpstreamTunnel tunnel, Forwarding forwarding, @Nullable Gate gate) {
    forwarding.joined(new Upgrade(socket, tunnel));
    tunnel.listen(
        new UpstreamTunnel.Bytes() {
          @Override
          public void onBytes(ByteBuf bytes) {
            alive(gate);
            forwarding.tunnelledDown(bytes);
            var unused = socket.write(BufferInternal.safeBuffer(bytes));
            if (socket.writeQueueFull()) {
              tunnel.pause();
              socket.drainHandler(drained -> tunnel.resume());
            }
          }

          @Override
          public void onWritable() {
            socket.resume();
          }

          @Override
          public void onClosed() {
            var unused = socket.close();
          }
        });
    socket.handler(
        buffer -> {
          ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
          alive(gate);
          forwarding.tunnelledUp(bytes);
          tunnel.write(bytes);
          if (!tunnel.isWritable()) {
            socket.pause();
          }
        });
    socket.exceptionHandler(failure -> tunnel.close());
    socket.closeHandler(
        closed -> {
          tunnel.close();
          forwarding.tunnelOver();
        });
    tunnel.resume();
  }

  private static void alive(@Nullable Gate gate) {
    if (gate != null) {
      gate.tunnelled();
    }
  }
}
