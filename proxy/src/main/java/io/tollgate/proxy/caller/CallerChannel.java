package io.tollgate.proxy.caller;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxConnection;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Vert.x's server knows of a caller's connection and does not tell, or cannot say: trailers of
 * requests (eclipse-vertx/vert.x issue 5253), whether an HTTP/2 request has a body at all, any 1xx,
 * and extended CONNECT. Listens on the connection beside Vert.x, on its event loop.
 */
interface CallerChannel {
  /** Vert.x's handler for files. */
  String FILE_WRITER = "chunkedWriter";

  /** Where nothing can be heard. */
  CallerChannel SILENT =
      new CallerChannel() {
        @Override
        public @Nullable HttpHeaders trailers(HttpServerRequest request) {
          return null;
        }

        @Override
        public boolean isBodiless(HttpServerRequest request) {
          return request.isEnded();
        }

        @Override
        public void informational(HttpServerRequest request, int code, HttpHeaders fields) {}
      };

  /** The trailers of a request that has ended; null where it has none. To be asked once. */
  @Nullable HttpHeaders trailers(HttpServerRequest request);

  /** Whether the head of an HTTP/2 request was its end. */
  boolean isBodiless(HttpServerRequest request);

  /** Sends a 1xx before the answer. */
  void informational(HttpServerRequest request, int code, HttpHeaders fields);

  /** Whether the connection carries many requests at a time: HTTP/2. */
  default boolean isMultiplexed() {
    return false;
  }

  /** The protocol that an extended CONNECT asks for (RFC 8441); null for any other request. */
  default @Nullable String connectProtocol(HttpServerRequest request) {
    return null;
  }

  /**
   * Tells from then on, also after the stream is gone, whether all of an HTTP/2 request has come;
   * some of it may still wait to be read.
   */
  default BooleanSupplier arrival(HttpServerRequest request) {
    return () -> true;
  }

  /**
   * Lets an HTTP/2 caller send more of this request before any of it is read.
   *
   * @return how many bytes more; 0 where that cannot be said to the caller
   */
  default int widen(HttpServerRequest request) {
    return 0;
  }

  /** Reads nothing more of an HTTP/1.1 request's body: Vert.x alone would take half a MiB first. */
  default void pause() {}

  /** Reads on. */
  default void resume() {}

  /** Breaks off an answer that is over for its sender, and waits for its caller still: HTTP/2. */
  default void cancel(HttpServerRequest request) {}

  /** The request was read to its end. */
  default void ended(HttpServerRequest request) {}

  /**
   * Begins to listen.
   *
   * @param plain who takes plain requests
   */
  static CallerChannel on(HttpConnection connection, CallerMetrics metrics, PlainTaker plain) {
    if (!(connection instanceof ConnectionBase base)) {
      return SILENT;
    }
    ChannelHandlerContext context = base.channelHandlerContext();
    if (context.handler() instanceof Http2ConnectionHandler codec) {
      return new Http2CallerChannel(context, codec, metrics);
    }
    if (context.pipeline().get(FILE_WRITER) != null) {
      context.pipeline().remove(FILE_WRITER); // no answer is a file
    }
    if (!(base instanceof VertxConnection http1)) {
      return SILENT;
    }
    Http1CallerChannel listener = new Http1CallerChannel(http1, plain);
    context.pipeline().addBefore(context.name(), "tollgate-caller", listener);
    return listener;
  }
}
