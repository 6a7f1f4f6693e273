package io.tollgate.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.util.AsciiString;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.nio.charset.StandardCharsets;

/**
 * Writes the caller's own target and header map as they are: each letter of a target is a byte as
 * it was read, and the map goes out without a copy and without boxing its entries.
 */
public final class RequestEncoder extends HttpRequestEncoder {
  private static final AsciiString VERSION = AsciiString.cached("HTTP/1.1");
  private static final int LINE_END = '\r' << 8 | '\n';

  @Override
  protected void encodeInitialLine(ByteBuf buf, HttpRequest request) {
    ByteBufUtil.copy(request.method().asciiName(), buf);
    buf.writeByte(' ');
    buf.writeCharSequence(request.uri(), StandardCharsets.ISO_8859_1);
    buf.writeByte(' ');
    ByteBufUtil.copy(VERSION, buf);
    buf.writeShort(LINE_END);
  }

  @Override
  protected void encodeHeaders(HttpHeaders headers, ByteBuf buf) {
    if (headers instanceof HeadersMultiMap map) {
      map.encode(buf, false);
    } else {
      super.encodeHeaders(headers, buf);
    }
  }
}
