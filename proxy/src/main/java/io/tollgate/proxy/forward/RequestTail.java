package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.tollgate.proxy.upstream.Http2Fields;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What Vert.x's server knows of a request's end and does not tell: its trailers
 * (eclipse-vertx/vert.x issue 5253), and whether an HTTP/2 request has a body at all. Listens on
 * the caller's connection beside Vert.x, on its event loop.
 */
interface RequestTail {
  /** Vert.x's handler for files. */
  String FILE_WRITER = "chunkedWriter";

  /** Where nothing can be heard. */
  RequestTail SILENT =
      new RequestTail() {
        @Override
        public @Nullable HttpHeaders trailers(HttpServerRequest request) {
          return null;
        }

        @Override
        public boolean isBodiless(HttpServerRequest request) {
          return request.isEnded();
        }

        @Override
        public void ended(HttpServerRequest request) {}
      };

  /** The trailers of a request that has ended; null where it has none. To be asked once. */
  @Nullable HttpHeaders trailers(HttpServerRequest request);

  /** Whether the head of an HTTP/2 request was its end. */
  boolean isBodiless(HttpServerRequest request);

  /** Whether the connection carries many requests at a time: HTTP/2. */
  default boolean isMultiplexed() {
    return false;
  }

  /** The request was read to its end. */
  void ended(HttpServerRequest request);

  /** Begins to listen. */
  static RequestTail on(HttpConnection connection) {
    if (!(connection instanceof ConnectionBase base)) {
      return SILENT;
    }
    ChannelHandlerContext context = base.channelHandlerContext();
    if (context.handler() instanceof Http2ConnectionHandler codec) {
      return new Http2(codec);
    }
    if (context.pipeline().get(FILE_WRITER) != null) {
      context.pipeline().remove(FILE_WRITER); // no answer is a file
    }
    Http1 listener = new Http1();
    context.pipeline().addBefore(context.name(), "tollgate-tail", listener);
    return listener;
  }

  /** HTTP/1.1: the trailers come with the last piece of the body. */
  final class Http1 extends ChannelInboundHandlerAdapter implements RequestTail {
    private record Tail(HttpHeaders head, HttpHeaders trailers) {}

    private static final int MOST_KEPT = 8;

    private final ArrayDeque<Tail> tails = new ArrayDeque<>(2);
    private @Nullable HttpHeaders head;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof HttpRequest request) {
        head = request.headers();
      } else if (message instanceof LastHttpContent last
          && !last.trailingHeaders().isEmpty()
          && head != null) {
        if (tails.size() == MOST_KEPT) {
          tails.removeFirst(); // of requests that were answered before their end
        }
        tails.addLast(new Tail(head, last.trailingHeaders()));
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public @Nullable HttpHeaders trailers(HttpServerRequest request) {
      Tail found = null;
      for (Tail tail : tails) {
        if (isSame(tail.head(), request.headers())) {
          found = tail;
        }
      }
      if (found == null) {
        return null;
      }
      tails.remove(found);
      return found.trailers();
    }

    @SuppressWarnings("ReferenceEquality") // Vert.x shows the decoder's own map
    private static boolean isSame(Object one, Object other) {
      return one == other;
    }

    @Override
    public boolean isBodiless(HttpServerRequest request) {
      return request.isEnded();
    }

    @Override
    public void ended(HttpServerRequest request) {}
  }

  /** HTTP/2: the trailers are a stream's second head. */
  final class Http2 implements RequestTail {
    private final Http2ConnectionHandler codec;
    private final Http2Connection.PropertyKey key;
    private final Http2Connection.PropertyKey endKey;

    Http2(Http2ConnectionHandler codec) {
      this.codec = codec;
      this.key = codec.connection().newKey();
      this.endKey = codec.connection().newKey();
      codec.decoder().frameListener(new Listener());
    }

    @Override
    public boolean isMultiplexed() {
      return true;
    }

    @Override
    public @Nullable HttpHeaders trailers(HttpServerRequest request) {
      Http2Stream stream = codec.connection().stream(request.streamId());
      Http2Headers trailers = stream == null ? null : stream.getProperty(key);
      return trailers == null ? null : Http2Fields.http1(trailers);
    }

    @Override
    public boolean isBodiless(HttpServerRequest request) {
      Http2Stream stream = codec.connection().stream(request.streamId());
      return stream == null
          || (!stream.state().remoteSideOpen()
              && request.bytesRead() == 0
              && stream.getProperty(key) == null);
    }

    /**
     * Vert.x gives the peer no credit for what is read after the stream's end has arrived, so that
     * the connection's window would stay smaller until the answer is out.
     */
    @Override
    public void ended(HttpServerRequest request) {
      Http2Stream stream = codec.connection().stream(request.streamId());
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
      public int onDataRead(
          ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
          throws Http2Exception {
        Http2Stream stream = end ? codec.connection().stream(id) : null;
        if (stream != null) {
          stream.setProperty(endKey, true);
        }
        return super.onDataRead(ctx, id, data, padding, end);
      }

      private void note(int id, Http2Headers headers, boolean end) throws Http2Exception {
        Http2Stream stream = codec.connection().stream(id);
        if (stream == null) {
          return;
        }
        if (stream.isTrailersReceived()) {
          if (stream.getProperty(endKey) != null) {
            // RFC 9113, section 5.1; netty takes a second head for trailers, also after the end.
            throw Http2Exception.streamError(
                id, Http2Error.STREAM_CLOSED, "HEADERS after the end of stream %d", id);
          }
          stream.setProperty(key, headers);
        }
        if (end) {
          stream.setProperty(endKey, true);
        }
      }
    }
  }
}
