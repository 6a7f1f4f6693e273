package io.tollgate.proxy.forward;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.tollgate.proxy.caller.Defended;
import io.tollgate.proxy.caller.UnspokenVersion;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request in is never two requests out: what could be read in two ways is refused with 400 and
 * the connection is closed (RFC 9112, sections 3.2, 6 and 11). The codec refuses ambiguous framing;
 * this looks at the rest. Immutable and thread-safe.
 */
public final class RequestCheck {
  private static final int HOST_LENGTH = 4;
  private static final int CODING_LENGTH = 17;
  private static final char DELETE = 0x7f;
  private static final String TOO_MANY = "Too many header fields";

  private final int mostFields;

  /**
   * A check.
   *
   * @param mostFields header fields a request may have
   */
  public RequestCheck(int mostFields) {
    this.mostFields = mostFields;
  }

  /** What is wrong with the request's head; null where nothing is. */
  public @Nullable Problem check(HttpServerRequest request) {
    DecoderResult result = request.decoderResult();
    if (result != null && result.isFailure()) {
      return undecodable(result.cause());
    }
    HttpVersion version = request.version();
    if (version == null) {
      return Problem.of(505, "HTTP version not supported", "HTTP/1.0, 1.1 and 2 are spoken here.");
    }
    MultiMap fields = request.headers();
    Problem malformed =
        fields instanceof HeadersMultiMap map ? checkFields(map) : checkCount(lines(fields));
    if (malformed != null) {
      return malformed;
    }
    HttpMethod method = request.method();
    if (method.equals(HttpMethod.CONNECT)) {
      return Problem.of(501, "Not implemented", "This is no tunnel: CONNECT is not served.");
    }
    return checkTarget(request, fields, method);
  }

  /** One pass without a copy: size and getAll of this map build a collection each. */
  private @Nullable Problem checkFields(HeadersMultiMap fields) {
    int count = 0;
    int hosts = 0;
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      CharSequence name = field.getKey();
      count++;
      if (name.isEmpty()) {
        return bad("A header field has no name.");
      }
      if (name.length() == HOST_LENGTH && HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
        hosts++;
      }
      if (name.length() == CODING_LENGTH
          && HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name)
          && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(field.getValue())) {
        return Problem.of(501, "Not implemented", "The only transfer coding taken is chunked.");
      }
    }
    return hosts > 1 ? bad("Host is there more than once.") : checkCount(count);
  }

  /** Field lines: size would count each name once. */
  private static int lines(MultiMap fields) {
    int lines = 0;
    Iterator<Map.Entry<String, String>> entries = fields.iterator();
    while (entries.hasNext()) {
      var unused = entries.next();
      lines++;
    }
    return lines;
  }

  private @Nullable Problem checkCount(int count) {
    return count <= mostFields
        ? null
        : Problem.of(431, TOO_MANY, "At most " + mostFields + " header fields are taken.");
  }

  private static @Nullable Problem checkTarget(
      HttpServerRequest request, MultiMap fields, HttpMethod method) {
    String uri = request.uri();
    if (!isTarget(uri)) {
      return bad("The request target has a space, a control character or a fragment.");
    }
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    boolean asterisk = uri.equals("*");
    String path = http2 ? uri : Target.originForm(uri);
    if (asterisk ? !method.equals(HttpMethod.OPTIONS) : path.charAt(0) != '/') {
      return bad(
          http2
              ? "The path does not begin with a slash." // RFC 9113, section 8.3.1
              : "The request target is neither a path nor an absolute URL.");
    }
    if (request.version() == HttpVersion.HTTP_1_1 && !fields.contains(HttpHeaderNames.HOST)) {
      return bad("Host is missing.");
    }
    String host = Target.host(request);
    boolean named = host.isEmpty() ? !Target.isAbsolute(uri) : Authority.isValid(host);
    return named ? null : bad("Host is not a host.");
  }

  /**
   * Whether nothing in it could end it early: RFC 9112, section 3.2, has neither spaces nor control
   * characters in a target, and no fragment, which origins cut off. Bytes beyond ASCII pass.
   */
  private static boolean isTarget(String uri) {
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c <= ' ' || c == DELETE || c == '#') {
        return false;
      }
    }
    return !uri.isEmpty();
  }

  /** The host the call is for, with its port if it has one. */
  public String host(HttpServerRequest request) {
    return Target.host(request);
  }

  /** The path the call is for, as it was written, without its query. */
  public String path(HttpServerRequest request) {
    String uri = Target.originForm(request.uri());
    if (uri.equals("*")) {
      return "/"; // the server as a whole
    }
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  private static Problem undecodable(Throwable cause) {
    if (cause instanceof UnspokenVersion) {
      return Problem.of(505, "HTTP version not supported", "HTTP/1.0, 1.1 and 2 are spoken here.");
    }
    if (cause instanceof TooLongHttpLineException) {
      return Problem.of(414, "URI too long", "The request line is longer than is taken here.");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return Problem.of(
          431, "Header fields too large", "The header fields are longer than is taken here.");
    }
    return bad("The request is not valid HTTP: " + String.valueOf(cause.getMessage()));
  }

  /** What a request that is refused so was stopped for; null where it is only malformed. */
  static @Nullable Defended defended(Problem problem) {
    return switch (problem.status()) {
      case 414 -> Defended.HEADER_SIZE;
      case 431 -> problem.title().equals(TOO_MANY) ? Defended.HEADER_COUNT : Defended.HEADER_SIZE;
      default -> null;
    };
  }

  /** What a request that is refused so is called in the access log. */
  public static String reason(Problem problem) {
    return switch (problem.status()) {
      case 400 -> "malformed";
      case 414, 431 -> "too_large";
      default -> "not_spoken";
    };
  }

  private static Problem bad(String detail) {
    return Problem.of(400, "Bad request", detail);
  }
}
