package io.tollgate.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** A real WebSocket server, by netty, strict about UTF-8, that says what it hears. */
final class EchoServer implements AutoCloseable {
  private static final int LARGEST_FRAME = 1 << 25;

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel channel;

  EchoServer() throws InterruptedException {
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel child) {
                    child
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            new HttpObjectAggregator(1 << 16),
                            new WebSocketServerProtocolHandler(config()),
                            new Echo());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
  }

  private static WebSocketServerProtocolConfig config() {
    return WebSocketServerProtocolConfig.newBuilder()
        .websocketPath("/")
        .checkStartsWith(true)
        .decoderConfig(
            WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(LARGEST_FRAME)
                .allowExtensions(false)
                .withUTF8Validator(true)
                .closeOnProtocolViolation(false)
                .build())
        .build();
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    Future<?> unused = channel.close();
    unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      switch (frame) {
        case TextWebSocketFrame text -> send(ctx, text.retain());
        case BinaryWebSocketFrame binary -> send(ctx, binary.retain());
        case ContinuationWebSocketFrame more -> send(ctx, more.retain());
        default -> {}
      }
    }

    /** netty's own close says 1007 also of a close frame that is wrong: 1002 it has to be. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof DecoderException)) {
        var unused = ctx.close(); // the peer is gone, which a failed write says here, too
        return;
      }
      boolean utf8 =
          cause instanceof CorruptedWebSocketFrameException corrupted
              && corrupted.closeStatus().equals(WebSocketCloseStatus.INVALID_PAYLOAD_DATA)
              && !String.valueOf(cause.getMessage()).contains("close frame");
      ctx.writeAndFlush(
              new CloseWebSocketFrame(
                  utf8
                      ? WebSocketCloseStatus.INVALID_PAYLOAD_DATA
                      : WebSocketCloseStatus.PROTOCOL_ERROR))
          .addListener(sent -> endOutput(ctx));
    }

    /** A server drops the connection first (RFC 6455, section 7.1.1); the peer may still send. */
    private static void endOutput(ChannelHandlerContext ctx) {
      if (ctx.channel() instanceof DuplexChannel socket) {
        var unused = socket.shutdownOutput();
      }
    }

    private static void send(ChannelHandlerContext ctx, WebSocketFrame frame) {
      var unused = ctx.writeAndFlush(frame, ctx.voidPromise());
    }
  }
}
