package io.tollgate.proxy.caller;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request of the most frequent kind: HTTP/1.1, no body, no wish but to be answered on a
 * connection that stays. It is shown to the rooms without Vert.x's own objects of a request and an
 * answer, which can everything and cost a tenth of a call.
 */
final class PlainRequest extends BareRequest {
  private final HttpConnection connection;
  private final HttpRequest head;
  private final PlainResponse response;
  private final HttpMethod method;

  PlainRequest(HttpConnection connection, HttpRequest head, PlainResponse response) {
    this.connection = connection;
    this.head = head;
    this.response = response;
    this.method = HttpMethod.fromNetty(head.method());
  }

  /** Whether a head begins such a request. The method HEAD is not plain: its answers are not. */
  static boolean is(HttpRequest head) {
    if (head.getClass() != DefaultHttpRequest.class
        || head.decoderResult().isFailure()
        || !head.protocolVersion().equals(io.netty.handler.codec.http.HttpVersion.HTTP_1_1)
        || head.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD)
        || head.method().equals(io.netty.handler.codec.http.HttpMethod.CONNECT)
        || !(head.headers() instanceof HeadersMultiMap fields)) {
      return false;
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      if (asksForMore(field.getKey(), field.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** By length first: most names are told apart by it. */
  private static boolean asksForMore(CharSequence name, CharSequence value) {
    return switch (name.length()) {
      case 6 -> is(name, "expect");
      case 7 -> is(name, "upgrade") || is(name, "trailer");
      case 10 -> is(name, "connection") && !is(value, "keep-alive");
      case 14 -> is(name, "content-length");
      case 17 -> is(name, "transfer-encoding");
      default -> false;
    };
  }

  private static boolean is(CharSequence name, String known) {
    return AsciiString.contentEqualsIgnoreCase(name, known);
  }

  @Override
  public HttpVersion version() {
    return HttpVersion.HTTP_1_1;
  }

  @Override
  public HttpMethod method() {
    return method;
  }

  @Override
  public String uri() {
    return head.uri();
  }

  @Override
  public String path() {
    int query = uri().indexOf('?');
    return query < 0 ? uri() : uri().substring(0, query);
  }

  @Override
  public @Nullable String query() {
    int query = uri().indexOf('?');
    return query < 0 ? null : uri().substring(query + 1);
  }

  @Override
  public MultiMap params(boolean semicolonIsNormal) {
    return HttpUtils.params(uri(), StandardCharsets.UTF_8, semicolonIsNormal);
  }

  @Override
  public MultiMap headers() {
    return (HeadersMultiMap) head.headers();
  }

  @Override
  public HttpServerResponse response() {
    return response;
  }

  @Override
  public HttpConnection connection() {
    return connection;
  }

  @Override
  public String scheme() {
    return connection.isSsl() ? "https" : "http";
  }

  @Override
  public DecoderResult decoderResult() {
    return head.decoderResult();
  }
}
