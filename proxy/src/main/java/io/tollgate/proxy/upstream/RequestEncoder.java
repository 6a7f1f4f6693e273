package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.vertx.core.http.impl.headers.HeadersMultiMap;

/** Writes the caller's own header map as it is, without a copy and without boxing its entries. */
final class RequestEncoder extends HttpRequestEncoder {
  @Override
  protected void encodeHeaders(HttpHeaders headers, ByteBuf buf) {
    if (headers instanceof HeadersMultiMap map) {
      map.encode(buf, false);
    } else {
      super.encodeHeaders(headers, buf);
    }
  }
}
