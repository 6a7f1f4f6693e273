package io.tollgate.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.Iterator;
import java.util.Map;

/** Header fields between HTTP/1.1 and HTTP/2 (RFC 9113, section 8.2). */
public final class Http2Fields {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private Http2Fields() {}

  /** A request's pseudo-fields and fields; Host becomes :authority. */
  public static Http2Headers request(
      HttpMethod method, String uri, HttpHeaders fields, boolean secured) {
    Http2Headers made = new DefaultHttp2Headers(false);
    made.method(method.asciiName()).path(uri).scheme(secured ? HTTPS : HTTP);
    String host = fields.get(HttpHeaderNames.HOST);
    if (host != null) {
      made.authority(host);
    }
    addAll(fields, made);
    return made;
  }

  /** An answer's head. */
  public static Http2Headers answer(int status, HttpHeaders fields) {
    Http2Headers made = new DefaultHttp2Headers(false);
    made.status(HttpResponseStatus.valueOf(status).codeAsText());
    addAll(fields, made);
    return made;
  }

  /** Trailer fields. */
  public static Http2Headers trailers(HttpHeaders fields) {
    Http2Headers made = new DefaultHttp2Headers(false);
    addAll(fields, made);
    return made;
  }

  /** An answer's fields, or trailers, without pseudo-fields. */
  public static HttpHeaders http1(Http2Headers fields) {
    // Names and values are checked once, where they enter the caller's response.
    HeadersMultiMap made = HeadersMultiMap.httpHeaders(null);
    for (Map.Entry<CharSequence, CharSequence> field : fields) {
      CharSequence name = field.getKey();
      if (name.length() > 0 && name.charAt(0) != ':') {
        made.add(name, field.getValue());
      }
    }
    return made;
  }

  private static void addAll(HttpHeaders fields, Http2Headers made) {
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      AsciiString name = AsciiString.of(field.getKey()).toLowerCase();
      if (!isHttp1Only(name)) {
        made.add(name, field.getValue());
      }
    }
  }

  /** What says how HTTP/1.1 is framed, or is a pseudo-field here. */
  private static boolean isHttp1Only(AsciiString name) {
    return switch (name.length()) {
      case 4 -> name.equals(HttpHeaderNames.HOST);
      case 7 -> name.equals(HttpHeaderNames.UPGRADE);
      case 10 -> name.equals(HttpHeaderNames.CONNECTION);
      case 17 -> name.equals(HttpHeaderNames.TRANSFER_ENCODING);
      default -> false;
    };
  }
}
