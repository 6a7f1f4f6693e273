package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.tollgate.proxy.http.Lethal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to an upstream's address, shared by many exchanges. Opened by Vert.x,
 * spoken with netty's codec: so trailers pass both ways, resets keep their code, and an exchange
 * that is held back holds back its own stream alone. Lives on one event loop.
 */
final class Http2UpstreamConnection extends Http2FrameAdapter {
  private static final int FIELD_OVERHEAD = 32;
  private static final int STREAM_WINDOW = 65_535;
  private static final int CONNECTION_WINDOW = 8 << 20; // a hundred streams held back stop no other
  private static final int LARGEST_HEAD = 256 << 10;

  private final Http2Pool pool;
  private final Http2Connection http2 = new DefaultHttp2Connection(false);
  private final Http2Connection.PropertyKey exchangeKey = http2.newKey();
  private final Http2ConnectionHandler codec;
  private final List<Http2Exchange> active = new ArrayList<>();
  private final List<Http2Exchange> readFrom = new ArrayList<>();
  private final long keepAliveNanos;
  private final long openedBy;
  private @Nullable ChannelHandlerContext context;
  private int lastProcessed = Integer.MAX_VALUE;
  private long lastRead = System.nanoTime();
  private boolean spoke;
  private boolean retired;
  private boolean closed;
  private boolean flushDue;

  Http2UpstreamConnection(Http2Pool pool, Duration keepAlive) {
    this.pool = pool;
    this.keepAliveNanos = keepAlive.toNanos();
    this.openedBy = lastRead + pool.timeouts().connect().toNanos();
    http2.addListener(new Streams());
    this.codec =
        new Http2ConnectionHandlerBuilder()
            .connection(http2)
            .frameListener(this)
            .initialSettings(
                Http2Settings.defaultSettings()
                    .pushEnabled(false)
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(LARGEST_HEAD))
            .gracefulShutdownTimeoutMillis(0)
            .build();
    codec.encoder().flowController().listener(this::onWritabilityChanged);
  }

  /** Takes over a channel that Vert.x opened and begins to speak. On its event loop. */
  void install(ChannelPipeline pipeline) {
    pipeline.replace("handler", "tollgate", codec);
    pipeline.addAfter("tollgate", "end", new End());
    ChannelHandlerContext ctx = pipeline.context(codec);
    context = ctx;
    ctx.channel().closeFuture().addListener(done -> onClosed());
    try {
      http2
          .local()
          .flowController()
          .incrementWindowSize(http2.connectionStream(), CONNECTION_WINDOW - STREAM_WINDOW);
    } catch (Http2Exception e) {
      close();
      return;
    }
    ctx.channel().flush();
  }

  /** Whether another exchange can begin now. */
  boolean hasRoom() {
    return spoke
        && !retired
        && !closed
        && active.size() < http2.local().maxActiveStreams()
        && http2.local().canOpenStream();
  }

  int load() {
    return active.size();
  }

  void begin(UpstreamEvents call) {
    Http2Exchange exchange = new Http2Exchange(this, call, pool.timeouts().idle().toNanos());
    active.add(exchange);
    call.onReady(exchange);
  }

  /** Whether the upstream has said its settings. */
  boolean hasSpoken() {
    return spoke;
  }

  boolean isRetired() {
    return retired;
  }

  /** Takes no more calls; closes with its last one. Those that wait for it need another. */
  void retire() {
    retired = true;
    if (active.isEmpty()) {
      close();
    }
    pool.openForWaiting();
  }

  void close() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      var unused = ctx.channel().close();
    }
  }

  /** Fails what waited too long; closes what nobody used or what never spoke. */
  void checkDeadlines(long now) {
    for (int i = active.size() - 1; i >= 0; i--) {
      if (i < active.size()) {
        active.get(i).checkDeadline(now);
      }
    }
    if (spoke ? active.isEmpty() && now - lastRead > keepAliveNanos : now - openedBy > 0) {
      close();
    }
  }

  // What exchanges need.

  ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not installed");
    }
    return ctx;
  }

  Http2ConnectionEncoder encoder() {
    return codec.encoder();
  }

  boolean isSecured() {
    return pool.isSecured();
  }

  /**
   * Sends a head on a new stream; null where the connection cannot open one.
   *
   * @throws HeadTooLarge where the upstream's settings say that it takes no such head
   */
  @Nullable Http2Stream open(Http2Exchange exchange, Http2Headers head, boolean end) {
    long most = encoder().configuration().headersConfiguration().maxHeaderListSize();
    if (size(head) > most) {
      throw new HeadTooLarge(most);
    }
    int id = http2.local().incrementAndGetNextStreamId();
    if (id < 0) {
      retired = true; // all stream numbers are used up
      return null;
    }
    ChannelHandlerContext ctx = context();
    var unused = encoder().writeHeaders(ctx, id, head, 0, end, ctx.newPromise());
    Http2Stream stream = http2.stream(id);
    if (stream != null) {
      stream.setProperty(exchangeKey, exchange);
      flushSoon();
    }
    return stream;
  }

  /** As RFC 9113, section 6.5.2, counts it. */
  private static long size(Http2Headers head) {
    long size = 0;
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      size += field.getKey().length() + field.getValue().length() + FIELD_OVERHEAD;
    }
    return size;
  }

  void reset(Http2Stream stream, long code) {
    ChannelHandlerContext ctx = context();
    var unused = codec.resetStream(ctx, stream.id(), code, ctx.newPromise());
    flushSoon();
  }

  void consume(Http2Stream stream, int bytes) {
    try {
      if (http2.local().flowController().consumeBytes(stream, bytes)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      close();
    }
  }

  /** One flush for everything that is written in this turn of the event loop. */
  void flushSoon() {
    if (!flushDue) {
      flushDue = true;
      ChannelHandlerContext ctx = context();
      ctx.executor()
          .execute(
              () -> {
                flushDue = false;
                ctx.channel().flush();
              });
    }
  }

  /** An exchange that is over and has no stream, or whose stream is closed. */
  void remove(Http2Exchange exchange) {
    if (active.remove(exchange)) {
      lastRead = active.isEmpty() ? System.nanoTime() : lastRead;
      if (retired && active.isEmpty()) {
        close();
      } else {
        pool.roomOn(this);
      }
    }
  }

  /** Nothing was heard since then: the connection may be dead, so nothing new goes there. */
  void suspect(long since) {
    if (lastRead - since < 0) {
      retire();
    }
  }

  // What the peer says.

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
    if (spoke) {
      pool.roomOn(this);
    } else {
      spoke = true;
      pool.spoke(this);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end) {
    Http2Exchange exchange = read(id);
    if (exchange != null) {
      exchange.onHeaders(headers, end);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end) {
    onHeadersRead(ctx, id, headers, padding, end);
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
    Http2Exchange exchange = read(id);
    return exchange == null ? data.readableBytes() + padding : exchange.onData(data, end) + padding;
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code) {
    Http2Exchange exchange = read(id);
    if (exchange != null) {
      exchange.onReset(code);
    }
  }

  private @Nullable Http2Exchange read(int id) {
    lastRead = System.nanoTime();
    Http2Stream stream = http2.stream(id);
    Http2Exchange exchange = stream == null ? null : stream.getProperty(exchangeKey);
    if (exchange != null && !readFrom.contains(exchange)) {
      readFrom.add(exchange);
    }
    return exchange;
  }

  private void onReadComplete() {
    lastRead = System.nanoTime();
    for (int i = 0; i < readFrom.size(); i++) {
      readFrom.get(i).onReadComplete();
    }
    readFrom.clear();
  }

  private void onWritabilityChanged(Http2Stream stream) {
    Http2Exchange exchange = stream.getProperty(exchangeKey);
    if (exchange != null && encoder().flowController().isWritable(stream)) {
      exchange.onWritable();
    }
  }

  private void onClosed() {
    closed = true;
    pool.remove(this, spoke);
    for (Http2Exchange exchange : List.copyOf(active)) {
      exchange.onLost(failure(exchange.streamId()));
    }
    active.clear();
  }

  /** Why a stream closed that neither side ended: refused by GOAWAY, torn off, or malformed. */
  private UpstreamFailure failure(int streamId) {
    if (streamId > lastProcessed) {
      return UpstreamFailure.REFUSED;
    }
    return closed || !context().channel().isActive()
        ? UpstreamFailure.CLOSED
        : UpstreamFailure.MALFORMED;
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      Http2Exchange exchange = stream.getProperty(exchangeKey);
      if (exchange != null) {
        exchange.onLost(failure(stream.id()));
        remove(exchange);
      }
    }

    @Override
    public void onGoAwayReceived(int lastStreamId, long code, ByteBuf debugData) {
      lastProcessed = lastStreamId;
      retire();
    }
  }

  private final class End extends ChannelInboundHandlerAdapter {
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      onReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      Lethal.check(cause);
      close(); // what there is to say is said when the channel has closed
    }
  }
}
