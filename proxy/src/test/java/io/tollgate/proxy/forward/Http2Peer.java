package io.tollgate.proxy.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Real HTTP/2 by netty, frame by frame: an origin, or a caller. */
public final class Http2Peer implements AutoCloseable {
  /** One stream as this peer sees it; what arrives is queued. */
  public static final class Stream extends ChannelInboundHandlerAdapter {
    private static final String END = "END";

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private @Nullable Channel channel;

    /** The next event: {@code HEAD ...}, {@code DATA ...}, {@code RESET code} or {@code END}. */
    public String next() throws InterruptedException {
      String event = seen.poll(20, TimeUnit.SECONDS);
      return event == null ? "nothing" : event;
    }

    /** Sends a head. */
    public Stream head(Http2Headers headers, boolean end) {
      return write(new DefaultHttp2HeadersFrame(headers, end));
    }

    /** Sends a piece of the body. */
    public Stream data(String text, boolean end) {
      return write(
          new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end));
    }

    /** Sends a piece of the body with so many bytes of padding. */
    public Stream padded(String text, int padding, boolean end) {
      return write(
          new DefaultHttp2DataFrame(
              Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end, padding));
    }

    /** Resets it. */
    public Stream reset(long code) {
      return write(new DefaultHttp2ResetFrame(code));
    }

    private Stream write(Object frame) {
      Channel open = channel;
      if (open != null) {
        var unused = open.writeAndFlush(frame);
      }
      return this;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2HeadersFrame head) {
        seen.add("HEAD " + head.headers());
        end(head.isEndStream());
      } else if (frame instanceof Http2DataFrame data) {
        if (data.content().isReadable()) {
          seen.add("DATA " + data.content().toString(StandardCharsets.ISO_8859_1));
        }
        end(data.isEndStream());
        data.release();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        seen.add("RESET " + reset.errorCode());
      }
    }

    private void end(boolean ended) {
      if (ended) {
        seen.add(END);
      }
    }
  }

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Stream> streams = new CopyOnWriteArrayList<>();
  private final List<Channel> connections = new CopyOnWriteArrayList<>();
  private final Channel channel;

  private Http2Peer(@Nullable SslContext tls, Http2Settings settings, Consumer<Stream> onStream)
      throws InterruptedException {
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel child) {
                    connections.add(child);
                    if (tls != null) {
                      child.pipeline().addLast(tls.newHandler(child.alloc()));
                    }
                    child
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                            new Http2MultiplexHandler(accepting(onStream)));
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
  }

  private Http2Peer(int port) throws InterruptedException {
    channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel child) {
                    child
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient().build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect("127.0.0.1", port)
            .sync()
            .channel();
  }

  /** An origin; each stream is handed over when it opens. */
  static Http2Peer origin(Consumer<Stream> onStream) throws InterruptedException {
    return new Http2Peer(null, Http2Settings.defaultSettings(), onStream);
  }

  /** An origin with TLS, or settings, of its own. */
  static Http2Peer origin(
      @Nullable SslContext tls, Http2Settings settings, Consumer<Stream> onStream)
      throws InterruptedException {
    return new Http2Peer(tls, settings, onStream);
  }

  /** A caller by prior knowledge. */
  public static Http2Peer caller(int port) throws InterruptedException {
    return new Http2Peer(port);
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** Streams an origin has seen. */
  List<Stream> streams() {
    return streams;
  }

  /** Connections an origin has taken. */
  int accepted() {
    return connections.size();
  }

  /** An origin accepts no more connections. */
  void refuse() {
    channel.close().syncUninterruptibly();
  }

  /** Cuts an origin's connections off. */
  void cut() {
    for (Channel connection : connections) {
      var unused = connection.close();
    }
  }

  /** Says goodbye on an origin's connections; what runs there goes on. */
  void goAway() {
    for (Channel connection : connections) {
      var unused =
          connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR.code()));
    }
  }

  /** A caller's new stream. */
  public Stream open() throws Exception {
    Stream stream = new Stream();
    Http2StreamChannel open =
        new Http2StreamChannelBootstrap(channel).handler(stream).open().get(30, TimeUnit.SECONDS);
    stream.channel = open;
    return stream;
  }

  private ChannelInitializer<Channel> accepting(Consumer<Stream> onStream) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel child) {
        Stream stream = new Stream();
        child.pipeline().addLast(stream);
        streams.add(stream);
        onStream.accept(stream);
      }
    };
  }

  @Override
  public void close() {
    Future<?> unused = channel.close();
    unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
