package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Iterator;
import java.util.Map;

/** The header fields of an answer on their way to the caller. */
final class AnswerFields {
  private static final int CONNECTION_LENGTH = 10;

  private AnswerFields() {}

  /**
   * Copies status and fields without what belongs to the upstream's connection.
   *
   * @throws IllegalArgumentException if a field cannot stand in a response
   */
  static void copy(
      int status, String reason, HttpHeaders head, HttpServerRequest request, String via) {
    HttpServerResponse response = request.response();
    response.setStatusCode(status);
    boolean http1 = request.version() != HttpVersion.HTTP_2;
    if (http1 && !reason.equals(HttpResponseStatus.valueOf(status).reasonPhrase())) {
      response.setStatusMessage(reason);
    }
    boolean nominates = false;
    MultiMap fields = response.headers();
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = head.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      CharSequence name = field.getKey();
      if (!isHopByHop(name)) {
        fields.add(name, field.getValue());
      } else if (name.length() == CONNECTION_LENGTH) {
        nominates |= !isPersistence(field.getValue());
      }
    }
    if (nominates) {
      removeNominated(head, fields);
    }
    if (!via.isEmpty()) {
      fields.add(HttpHeaderNames.VIA, "1.1 " + via);
    }
  }

  /** Before a head that goes out without its body: says how the body ends. */
  static void frame(HttpServerResponse response) {
    if (!response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
  }

  /** Whether only the connection's end can end this answer: an HTTP/1.0 caller, no length. */
  static boolean endsByClose(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_1_0
        && !request.method().equals(HttpMethod.HEAD)
        && !request.response().headers().contains(HttpHeaderNames.CONTENT_LENGTH);
  }

  /** Passes trailers on; in HTTP/1.1 that takes chunks. */
  static void trailers(HttpServerResponse response, boolean headDue, HttpHeaders trailers) {
    if (headDue && !response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = trailers.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      response.trailers().add(field.getKey(), field.getValue());
    }
  }

  /** Whether a Connection field says only what is the connection's anyway. */
  private static boolean isPersistence(CharSequence value) {
    return AsciiString.contentEqualsIgnoreCase(value, HttpHeaderValues.KEEP_ALIVE)
        || AsciiString.contentEqualsIgnoreCase(value, HttpHeaderValues.CLOSE);
  }

  private static void removeNominated(HttpHeaders head, MultiMap fields) {
    for (String value : head.getAll(HttpHeaderNames.CONNECTION)) {
      for (String name : Caller.tokens(value)) {
        if (!HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
          fields.remove(name);
        }
      }
    }
  }

  /** By length first: most names are told apart by it. */
  private static boolean isHopByHop(CharSequence name) {
    return switch (name.length()) {
      case 7 -> is(name, "upgrade");
      case 10 -> is(name, "connection") || is(name, "keep-alive");
      case 16 -> is(name, "proxy-connection");
      case 17 -> is(name, "transfer-encoding");
      default -> false;
    };
  }

  private static boolean is(CharSequence name, String known) {
    return AsciiString.contentEqualsIgnoreCase(name, known);
  }
}
