package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.tollgate.proxy.caller.Caller;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;

/** What a request asks for, and what its method and framing mean. */
final class Target {
  /** Digits that are an int whatever they are. */
  private static final int LONGEST_INT = 9;

  private Target() {}

  /** Path and query of an absolute-form target (RFC 9112, section 3.2.2); others as they are. */
  static String originForm(String uri) {
    int path = pathOfAbsolute(uri);
    if (path < 0) {
      return uri;
    }
    if (path == uri.length()) {
      return "/";
    }
    return uri.charAt(path) == '?' ? "/" + uri.substring(path) : uri.substring(path);
  }

  /**
   * The target to send upstream: OPTIONS of an absolute form without path and query asks for the
   * server as a whole (RFC 9112, section 3.2.4).
   */
  static String toSend(HttpServerRequest request) {
    String uri = request.uri();
    return request.method().equals(io.vertx.core.http.HttpMethod.OPTIONS)
            && pathOfAbsolute(uri) == uri.length()
        ? "*"
        : originForm(uri);
  }

  /**
   * The host the call is for: that of an absolute-form target, else :authority or Host; empty where
   * an HTTP/1.0 caller names none.
   */
  static String host(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      HostAndPort authority = request.authority();
      return authority == null ? "" : authority.toString();
    }
    String uri = request.uri();
    int path = pathOfAbsolute(uri);
    if (path >= 0) {
      String authority = uri.substring(uri.indexOf("://") + 3, path);
      return authority.substring(authority.lastIndexOf('@') + 1);
    }
    String host = request.headers().get(HttpHeaderNames.HOST);
    return host == null ? "" : host;
  }

  /** Whether it is {@code http://...} or {@code https://...}. */
  static boolean isAbsolute(String uri) {
    return pathOfAbsolute(uri) >= 0;
  }

  /** Index behind the authority of {@code scheme://authority...}; -1 for any other form. */
  private static int pathOfAbsolute(String uri) {
    if (uri.isEmpty() || uri.charAt(0) == '/') {
      return -1;
    }
    boolean web =
        uri.regionMatches(true, 0, "http://", 0, 7) || uri.regionMatches(true, 0, "https://", 0, 8);
    if (!web) {
      return -1;
    }
    for (int i = uri.indexOf("://") + 3; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c == '/' || c == '?' || c == '#') {
        return i;
      }
    }
    return uri.length();
  }

  /** The target without the query parameter, the others as they were written. */
  static String withoutQuery(String uri, String name) {
    int query = uri.indexOf('?');
    if (query < 0) {
      return uri;
    }
    StringBuilder kept = new StringBuilder(uri.length());
    for (String pair : uri.substring(query + 1).split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      if (!name.equals(QueryStringDecoder.decodeComponent(key))) {
        kept.append(kept.isEmpty() ? "" : "&").append(pair);
      }
    }
    return kept.isEmpty() ? uri.substring(0, query) : uri.substring(0, query + 1) + kept;
  }

  /** Whether a body follows the head, as far as the head can tell. */
  static boolean hasBody(HttpServerRequest request, Caller caller) {
    MultiMap fields = request.headers();
    String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null) {
      return !length.equals("0");
    }
    if (request.version() == HttpVersion.HTTP_2) {
      return !caller.isBodiless(request);
    }
    return fields.contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  /** The length of its body; the most there is where that is longer, or not said. */
  static int length(HttpServerRequest request, int most) {
    String length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length == null || length.length() > LONGEST_INT) {
      return most;
    }
    try {
      return Math.min(most, Integer.parseInt(length));
    } catch (NumberFormatException e) {
      return most;
    }
  }

  /** Methods that say something with their body, so that an empty one has to be framed. */
  static boolean mayHaveBody(HttpMethod method) {
    return method.equals(HttpMethod.POST)
        || method.equals(HttpMethod.PUT)
        || method.equals(HttpMethod.PATCH);
  }

  /** RFC 9110, section 9.2.2. */
  static boolean isIdempotent(HttpMethod method) {
    return switch (method.name()) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
      default -> false;
    };
  }
}
