package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.tollgate.proxy.caller.PlainResponse;
import io.tollgate.proxy.http.FieldList;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The header fields of an answer on their way to the caller. */
final class AnswerFields {
  private static final int DATE_LENGTH = 4;
  private static final int CONNECTION_LENGTH = 10;
  private static final int CODING_LENGTH = 17;
  private static final List<AsciiString> HOP_BY_HOP =
      List.of(
          HttpHeaderNames.CONNECTION,
          HttpHeaderNames.TRANSFER_ENCODING,
          AsciiString.cached("keep-alive"),
          HttpHeaderNames.UPGRADE,
          AsciiString.cached("proxy-connection"));

  private AnswerFields() {}

  /** Says status and reason. */
  static void status(int code, String reason, HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.setStatusCode(code);
    boolean http1 = request.version() != HttpVersion.HTTP_2;
    if (http1 && !reason.equals(HttpResponseStatus.valueOf(code).reasonPhrase())) {
      response.setStatusMessage(reason);
    }
  }

  /**
   * Adds what an intermediary adds: a date where there is none (RFC 9110, section 6.6.1), and this
   * hop.
   *
   * @param dated whether there is one
   * @param version of the HTTP that brought the answer
   */
  static void add(MultiMap fields, boolean dated, Forwarder forwarder, String version) {
    if (!dated) {
      fields.add(HttpHeaderNames.DATE, forwarder.date());
    }
    if (!forwarder.via().isEmpty()) {
      fields.add(HttpHeaderNames.VIA, version + forwarder.via());
    }
  }

  /**
   * The map that was read becomes the map that is sent, without what is the upstream's
   * connection's.
   *
   * @return whether it has a date
   * @throws IllegalArgumentException if a field cannot stand in a response, or the body is coded in
   *     a way that is not undone here
   */
  static boolean adopt(PlainResponse response, HeadersMultiMap head, CheckedFields checked) {
    boolean nominates = false;
    boolean dated = false;
    int hops = 0;
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = head.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      CharSequence name = field.getKey();
      checked.check(name, field.getValue());
      if (isHopByHop(name)) {
        hops |= 1 << name.length();
        nominates |= name.length() == CONNECTION_LENGTH && !isPersistence(field.getValue());
        checkCoding(name, field.getValue());
      } else {
        dated |= isDate(name);
      }
    }
    if (nominates) {
      removeNominated(head, head);
    }
    if (hops != 0) {
      removeHops(head, hops);
    }
    response.adopt(head);
    return dated;
  }

  private static boolean isDate(CharSequence name) {
    return name.length() == DATE_LENGTH && HttpHeaderNames.DATE.contentEqualsIgnoreCase(name);
  }

  /** The codec undoes chunks only: what else the upstream coded would pass for the body itself. */
  private static void checkCoding(CharSequence name, CharSequence value) {
    if (name.length() == CODING_LENGTH
        && !AsciiString.contentEqualsIgnoreCase(value, HttpHeaderValues.CHUNKED)) {
      throw new IllegalArgumentException("the only transfer coding taken is chunked");
    }
  }

  /** By the lengths of the names that were seen. */
  private static void removeHops(HeadersMultiMap fields, int lengths) {
    for (CharSequence name : HOP_BY_HOP) {
      if ((lengths & 1 << name.length()) != 0) {
        fields.remove(name);
      }
    }
  }

  /**
   * Copies the fields without what is the upstream's connection's.
   *
   * @return whether there is a date among them
   * @throws IllegalArgumentException if a field cannot stand in a response, or the body is coded in
   *     a way that is not undone here
   */
  static boolean copy(HttpHeaders head, MultiMap fields) {
    boolean nominates = false;
    boolean dated = false;
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = head.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      CharSequence name = field.getKey();
      if (!isHopByHop(name)) {
        fields.add(name, field.getValue());
        dated |= isDate(name);
      } else if (name.length() == CONNECTION_LENGTH) {
        nominates |= !isPersistence(field.getValue());
      } else {
        checkCoding(name, field.getValue());
      }
    }
    if (nominates) {
      removeNominated(head, fields);
    }
    return dated;
  }

  /** Before a head that goes out without its body: says how the body ends. */
  static void frame(HttpServerResponse response) {
    if (!response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
  }

  /**
   * Whether only the connection's end can end an answer whose head goes out before its end: an
   * HTTP/1.0 caller, no length (RFC 9112, section 6.3).
   */
  static boolean endsByClose(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_1_0
        && !request.method().equals(HttpMethod.HEAD)
        && !request.response().headers().contains(HttpHeaderNames.CONTENT_LENGTH);
  }

  /** Says in the head to come that the connection closes after it, whatever the caller wished. */
  static void announceClose(HttpServerResponse response) {
    // Vert.x writes its own Connection just before.
    response.headersEndHandler(
        done -> response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE));
  }

  /**
   * HTTP/2 has trailers beside a length, HTTP/1.1 in place of it, HTTP/1.0 none: what is announced
   * comes, or is not announced.
   */
  static void announceTrailers(HttpServerRequest request) {
    MultiMap fields = request.response().headers();
    if (!fields.contains(HttpHeaderNames.TRAILER) || request.version() == HttpVersion.HTTP_2) {
      return;
    }
    boolean framed = request.method().equals(HttpMethod.HEAD); // by its head alone
    if (request.version() == HttpVersion.HTTP_1_1 && !framed) {
      fields.remove(HttpHeaderNames.CONTENT_LENGTH);
    } else {
      fields.remove(HttpHeaderNames.TRAILER);
    }
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
      for (String name : FieldList.tokens(value)) {
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
