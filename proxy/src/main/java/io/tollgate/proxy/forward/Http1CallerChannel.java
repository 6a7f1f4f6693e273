package io.tollgate.proxy.forward;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1: trailers come with the last piece of the body. */
final class Http1CallerChannel extends ChannelInboundHandlerAdapter implements CallerChannel {
  private record Tail(HttpHeaders head, HttpHeaders trailers) {}

  private static final int MOST_KEPT = 8;

  private final ChannelHandlerContext server;
  private final ArrayDeque<Tail> tails = new ArrayDeque<>(2);
  private @Nullable HttpHeaders head;

  /**
   * A listener for one connection.
   *
   * @param server where Vert.x writes
   */
  Http1CallerChannel(ChannelHandlerContext server) {
    this.server = server;
  }

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
  public void informational(HttpServerRequest request, int code, HttpHeaders fields) {
    var unused =
        server.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(code),
                Unpooled.EMPTY_BUFFER,
                fields,
                EmptyHttpHeaders.INSTANCE),
            server.voidPromise());
  }
}
