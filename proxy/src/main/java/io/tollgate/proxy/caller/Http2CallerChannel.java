package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.tollgate.proxy.http.Http2Fields;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** HTTP/2: trailers are a stream's second head, and any 1xx a head before the answer's. */
final class Http2CallerChannel implements CallerChannel {
  /** By how much a stream's window grows, from 64 KiB, where its upstream keeps up. */
  private static final int MORE = 192 << 10;

  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
  private static final AsciiString PROTOCOL = Http2Headers.PseudoHeaderName.PROTOCOL.value();
  private static final AsciiString SCHEME = Http2Headers.PseudoHeaderName.SCHEME.value();
  private static final AsciiString PATH = Http2Headers.PseudoHeaderName.PATH.value();

  private final ChannelHandlerContext server;
  private final Http2ConnectionHandler codec;
  private final Http2Connection.PropertyKey trailersKey;
  private final Http2Connection.PropertyKey headKey;
  private final Http2Connection.PropertyKey endKey;
  private final Http2Connection.PropertyKey protocolKey;
  private final Http2Connection.PropertyKey wideKey;

  Http2CallerChannel(
      ChannelHandlerContext server, Http2ConnectionHandler codec, CallerMetrics metrics) {
    this.server = server;
    this.codec = codec;
    this.trailersKey = codec.connection().newKey();
    this.headKey = codec.connection().newKey();
    this.endKey = codec.connection().newKey();
    this.protocolKey = codec.connection().newKey();
    this.wideKey = codec.connection().newKey();
    codec.decoder().frameListener(new Listener());
    codec.connection().addListener(new Closing(metrics));
    server.pipeline().addBefore(server.name(), "tollgate-resets", new SentResets(codec, metrics));
  }

  @Override
  public boolean isMultiplexed() {
    return true;
  }

  @Override
  public @Nullable HttpHeaders trailers(HttpServerRequest request) {
    Http2Stream stream = stream(request);
    Http2Headers trailers = stream == null ? null : stream.getProperty(trailersKey);
    return trailers == null ? null : Http2Fields.http1(trailers);
  }

  @Override
  public boolean isBodiless(HttpServerRequest request) {
    Http2Stream stream = stream(request);
    return stream == null
        || (!stream.state().remoteSideOpen()
            && request.bytesRead() == 0
            && stream.getProperty(trailersKey) == null);
  }

  @Override
  public void informational(HttpServerRequest request, int code, HttpHeaders fields) {
    if (stream(request) == null) {
      return;
    }
    Http2Headers head = Http2Fields.answer(code, fields);
    var unused =
        codec
            .encoder()
            .writeHeaders(server, request.streamId(), head, 0, false, server.newPromise());
    server.flush();
  }

  /** Vert.x resets no stream of which both ends have been written, be it to a queue. */
  @Override
  public void cancel(HttpServerRequest request) {
    if (stream(request) != null) {
      long cancel = Http2Error.CANCEL.code();
      var unused =
          codec.encoder().writeRstStream(server, request.streamId(), cancel, server.newPromise());
      server.flush();
    }
  }

  @Override
  public @Nullable String connectProtocol(HttpServerRequest request) {
    Http2Stream stream = stream(request);
    return stream == null ? null : stream.getProperty(protocolKey);
  }

  /**
   * Vert.x gives the peer no credit for what is read after the stream's end has arrived, so that
   * the connection's window would stay smaller until the answer is out.
   */
  @Override
  public void ended(HttpServerRequest request) {
    Http2Stream stream = stream(request);
    if (stream == null) {
      return;
    }
    Http2LocalFlowController flow = codec.connection().local().flowController();
    try {
      int due = flow.unconsumedBytes(stream);
      if (due > 0) {
        flow.consumeBytes(stream, due);
      }
    } catch (Http2Exception e) {
      // The connection is in error, which its codec has seen for itself.
    }
  }

  /**
   * A window of 64 KiB lets through that much in one round trip. The connection's window grows with
   * the stream's, so that one that is held back later takes no room from the others.
   */
  @Override
  public int widen(HttpServerRequest request) {
    Http2Stream stream = stream(request);
    if (stream == null
        || !stream.state().remoteSideOpen()
        || stream.setProperty(wideKey, true) != null) {
      return 0;
    }
    widen(stream, MORE);
    widen(codec.connection().connectionStream(), MORE);
    server.flush();
    return MORE;
  }

  private void widen(Http2Stream stream, int by) {
    try {
      codec.connection().local().flowController().incrementWindowSize(stream, by);
    } catch (Http2Exception e) {
      // The connection is in error, which its codec has seen for itself.
    }
  }

  @Override
  public BooleanSupplier arrival(HttpServerRequest request) {
    Http2Stream stream = stream(request);
    return () -> stream == null || stream.getProperty(endKey) != null;
  }

  private @Nullable Http2Stream stream(HttpServerRequest request) {
    return codec.connection().stream(request.streamId());
  }

  /** What is still due when a stream closes. */
  private final class Closing extends Http2ConnectionAdapter {
    private final CallerMetrics metrics;

    Closing(CallerMetrics metrics) {
      this.metrics = metrics;
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      if (stream.getProperty(wideKey) != null) {
        widen(codec.connection().connectionStream(), -MORE);
      }
      // One that was answered without a head of its own: netty's 431 for a head too large.
      if (stream.isHeadersSent() && stream.getProperty(headKey) == null) {
        metrics.defended(Defended.HEADER_SIZE);
      }
    }
  }

  private final class Listener extends Http2FrameListenerDecorator {
    Listener() {
      super(codec.decoder().frameListener());
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      note(id, headers, end);
      super.onHeadersRead(ctx, id, headers, padding, end);
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
        boolean end)
        throws Http2Exception {
      note(id, headers, end);
      super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, end);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      Http2Stream stream = end ? codec.connection().stream(id) : null;
      if (stream == null) {
        return super.onDataRead(ctx, id, data, padding, end);
      }
      stream.setProperty(endKey, true);
      int credit = super.onDataRead(ctx, id, data, padding, end);
      // Where the request's end was heard at once, its padding has been given back with the rest.
      return Math.min(credit, codec.connection().local().flowController().unconsumedBytes(stream));
    }

    private void note(int id, Http2Headers headers, boolean end) throws Http2Exception {
      Http2Stream stream = codec.connection().stream(id);
      if (stream == null) {
        return;
      }
      // netty says of a stream whose head was its end that its trailers have come, too.
      if (stream.getProperty(headKey) != null) {
        if (stream.getProperty(endKey) != null) {
          // RFC 9113, section 5.1; netty takes a second head for trailers, also after the end.
          throw Http2Exception.streamError(
              id, Http2Error.STREAM_CLOSED, "HEADERS after the end of stream %d", id);
        }
        stream.setProperty(trailersKey, headers);
      } else {
        stream.setProperty(headKey, true);
        checkMethod(id, headers.method());
        extendedConnect(stream, headers);
      }
      if (end) {
        stream.setProperty(endKey, true);
      }
    }

    /** Vert.x ends the whole connection over a method that is no token. */
    private void checkMethod(int id, @Nullable CharSequence method) throws Http2Exception {
      try {
        var unused = method == null ? null : HttpMethod.valueOf(method.toString());
      } catch (IllegalArgumentException e) {
        throw Http2Exception.streamError(
            id, Http2Error.PROTOCOL_ERROR, e, "RFC 9113, section 8.3.1: a method is a token");
      }
    }

    /**
     * Vert.x takes a CONNECT with a path for malformed. So it is shown a GET, which is what such a
     * WebSocket is over HTTP/1.1 too; other protocols are shown as a plain CONNECT, which is
     * refused (RFC 8441, section 4; RFC 9220, section 3).
     */
    private void extendedConnect(Http2Stream stream, Http2Headers headers) throws Http2Exception {
      CharSequence protocol = headers.getAndRemove(PROTOCOL);
      if (protocol == null) {
        return;
      }
      CharSequence method = headers.method();
      if (method == null || !CONNECT.contentEquals(method)) {
        throw Http2Exception.streamError(
            stream.id(), Http2Error.PROTOCOL_ERROR, ":protocol of a method other than CONNECT");
      }
      if (WEBSOCKET.contentEqualsIgnoreCase(protocol)) {
        headers.method(GET);
        stream.setProperty(protocolKey, WEBSOCKET.toString());
      } else {
        headers.remove(SCHEME);
        headers.remove(PATH);
      }
    }
  }
}
