package io.tollgate.proxy.caller;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.tollgate.proxy.http.FieldList;

/**
 * Hides from Vert.x's server that a connection's first request asks to go on in HTTP/2 ({@code
 * Upgrade: h2c}, which RFC 9113, section 3.1, has withdrawn): Vert.x would take that request past
 * every check of HTTP/1.1, and without its body where it is chunked. An Upgrade may be ignored (RFC
 * 9110, section 7.8), so that it is answered by HTTP/1.1; prior knowledge stays.
 */
final class StayWithHttp1 extends ChannelInboundHandlerAdapter {
  /** Vert.x's handler that would upgrade; it leaves after the first request. */
  static final String UPGRADER = "h2c";

  private static final CharSequence SETTINGS = AsciiString.cached("HTTP2-Settings");

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HttpRequest request)) {
      ctx.fireChannelRead(message);
      return;
    }
    HttpHeaders fields = request.headers();
    if (asksForHttp2(fields)) {
      fields.remove(HttpHeaderNames.UPGRADE);
      fields.remove(SETTINGS);
    }
    ctx.fireChannelRead(message);
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private static boolean asksForHttp2(HttpHeaders fields) {
    return fields.getAll(HttpHeaderNames.UPGRADE).stream()
        .flatMap(value -> FieldList.tokens(value).stream())
        .anyMatch(UPGRADER::equalsIgnoreCase);
  }
}
