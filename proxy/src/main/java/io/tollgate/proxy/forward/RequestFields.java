package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.http.FieldList;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a call on their way upstream (RFC 9110, section 7.6): the connection's own
 * are taken out, what the connection is known by is put in. An HTTP/1 caller's map is edited in
 * place; nobody reads it after.
 */
final class RequestFields {
  private static final CharSequence FORWARDED = AsciiString.cached("Forwarded");
  private static final CharSequence FORWARDED_FOR = AsciiString.cached("X-Forwarded-For");
  private static final CharSequence FORWARDED_PROTO = AsciiString.cached("X-Forwarded-Proto");
  private static final CharSequence FORWARDED_HOST = AsciiString.cached("X-Forwarded-Host");
  private static final CharSequence KEEP_ALIVE = AsciiString.cached("Keep-Alive");
  private static final CharSequence PROXY_CONNECTION = AsciiString.cached("Proxy-Connection");
  private static final CharSequence HTTP2_SETTINGS = AsciiString.cached("HTTP2-Settings");
  private static final CharSequence TRAILERS = AsciiString.cached("trailers");
  private static final List<CharSequence> OF_HEADS =
      List.of(
          HttpHeaderNames.CONTENT_LENGTH,
          HttpHeaderNames.TRANSFER_ENCODING,
          HttpHeaderNames.TRAILER,
          HttpHeaderNames.HOST,
          HttpHeaderNames.VIA,
          FORWARDED,
          FORWARDED_FOR,
          FORWARDED_PROTO,
          FORWARDED_HOST,
          HttpHeaderNames.MAX_FORWARDS,
          HttpHeaderNames.EXPECT,
          HttpHeaderNames.RANGE,
          HttpHeaderNames.CACHE_CONTROL,
          HttpHeaderNames.IF_MATCH,
          HttpHeaderNames.IF_NONE_MATCH,
          HttpHeaderNames.IF_MODIFIED_SINCE,
          HttpHeaderNames.IF_UNMODIFIED_SINCE,
          HttpHeaderNames.IF_RANGE,
          HttpHeaderNames.CONTENT_TYPE,
          HttpHeaderNames.CONTENT_ENCODING,
          HttpHeaderNames.CONTENT_RANGE,
          HttpHeaderNames.AUTHORIZATION,
          HttpHeaderNames.COOKIE);
  private static final Pattern HOPS = Pattern.compile("\\d{1,9}");
  private static final String OURS = "x-tollgate-";
  private static final int OF_THIS_HOP = 1;
  private static final int TOLD_BEFORE = 2;

  private RequestFields() {}

  /**
   * Takes out of a request's own fields what is not to go on, and says whose host it is for.
   *
   * @return whether no proxy has told anything of its caller yet
   */
  static boolean clean(HeadersMultiMap fields, String host) {
    int seen = seen(fields);
    if ((seen & OF_THIS_HOP) != 0) {
      strip(fields);
    }
    if (!host.isEmpty() && !host.equals(fields.get(HttpHeaderNames.HOST))) {
      fields.set(HttpHeaderNames.HOST, host);
    }
    return (seen & TOLD_BEFORE) == 0;
  }

  /** Adds this proxy to Via; an empty name adds none. */
  static void via(HeadersMultiMap fields, HttpServerRequest request, String via) {
    if (!via.isEmpty()) {
      String version =
          switch (request.version()) {
            case HTTP_1_0 -> "1.0 ";
            case HTTP_1_1 -> "1.1 ";
            case HTTP_2 -> "2 ";
          };
      fields.add(HttpHeaderNames.VIA, version + via);
    }
  }

  /** A request's own fields, to be changed: nobody reads them after. */
  static HeadersMultiMap own(HttpServerRequest request) {
    if (request.headers() instanceof HeadersMultiMap map && map.isMutable()) {
      return map;
    }
    HeadersMultiMap copy = HeadersMultiMap.httpHeaders(null);
    request.headers().forEach((name, value) -> copy.add(name, value));
    return copy;
  }

  /** What kinds of fields are there, by one pass: most calls have none that is for this hop. */
  private static int seen(HttpHeaders fields) {
    int seen = 0;
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      seen |= kind(entries.next().getKey());
    }
    return seen;
  }

  /** By length first: most names are told apart by it. */
  private static int kind(CharSequence name) {
    boolean hop =
        switch (name.length()) {
          case 2 -> is(HttpHeaderNames.TE, name);
          case 7 -> is(HttpHeaderNames.UPGRADE, name);
          case 10 -> is(HttpHeaderNames.CONNECTION, name) || is(KEEP_ALIVE, name);
          case 14 -> is(HTTP2_SETTINGS, name);
          case 16 -> is(PROXY_CONNECTION, name);
          case 19 -> is(HttpHeaderNames.PROXY_AUTHORIZATION, name);
          default -> false;
        };
    if (hop || isOurs(name) || isDisguised(name)) {
      return OF_THIS_HOP;
    }
    boolean told =
        switch (name.length()) {
          case 9 -> is(FORWARDED, name);
          case 15 -> is(FORWARDED_FOR, name);
          case 16 -> is(FORWARDED_HOST, name);
          case 17 -> is(FORWARDED_PROTO, name);
          default -> false;
        };
    return told ? TOLD_BEFORE : 0;
  }

  private static boolean is(CharSequence known, CharSequence name) {
    return AsciiString.contentEqualsIgnoreCase(known, name);
  }

  /** Takes out hop-by-hop fields, those that Connection names, and ours, which nobody may forge. */
  static void strip(HttpHeaders fields) {
    String nominated = fields.get(HttpHeaderNames.CONNECTION);
    if (nominated != null) {
      for (String value : fields.getAll(HttpHeaderNames.CONNECTION)) {
        for (String token : FieldList.tokens(value)) {
          if (!isKept(token)) {
            fields.remove(token);
          }
        }
      }
      fields.remove(HttpHeaderNames.CONNECTION);
    }
    fields.remove(KEEP_ALIVE);
    fields.remove(PROXY_CONNECTION);
    fields.remove(HttpHeaderNames.UPGRADE);
    fields.remove(HTTP2_SETTINGS);
    fields.remove(HttpHeaderNames.PROXY_AUTHORIZATION);
    String te = fields.get(HttpHeaderNames.TE);
    if (te != null) {
      fields.remove(HttpHeaderNames.TE);
      if (FieldList.tokens(te).stream()
          .anyMatch(token -> AsciiString.contentEqualsIgnoreCase(token, TRAILERS))) {
        fields.set(HttpHeaderNames.TE, TRAILERS);
      }
    }
    stripOurs(fields);
  }

  /**
   * Takes out of trailers what only a head may say: how the message is framed, routed, conditioned
   * and authenticated (RFC 9110, section 6.5.1), and ours.
   */
  static void stripTrailers(HttpHeaders trailers) {
    strip(trailers);
    for (CharSequence name : OF_HEADS) {
      trailers.remove(name);
    }
  }

  /** A Connection field cannot take away what frames the message or says where it goes. */
  private static boolean isKept(String token) {
    return token.equalsIgnoreCase("content-length")
        || token.equalsIgnoreCase("transfer-encoding")
        || token.equalsIgnoreCase("host")
        || token.equalsIgnoreCase("te");
  }

  private static void stripOurs(HttpHeaders fields) {
    List<CharSequence> forged = null;
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      CharSequence name = entries.next().getKey();
      if (isOurs(name) || isDisguised(name)) {
        forged = forged == null ? new ArrayList<>(1) : forged;
        forged.add(name);
      }
    }
    if (forged != null) {
      forged.forEach(fields::remove);
    }
  }

  /** Also with underscores: a CGI-like upstream takes both for the same. */
  private static boolean isOurs(CharSequence name) {
    return name.length() >= OURS.length() && beginsLike(name, OURS);
  }

  /** What this proxy says of the caller, said by the caller with underscores. */
  private static boolean isDisguised(CharSequence name) {
    String real =
        switch (name.length()) {
          case 15 -> "x-forwarded-for";
          case 16 -> "x-forwarded-host";
          case 17 -> "x-forwarded-proto";
          default -> "";
        };
    return !real.isEmpty()
        && (name.charAt(1) == '_' || name.charAt(11) == '_')
        && beginsLike(name, real);
  }

  private static boolean beginsLike(CharSequence name, String known) {
    for (int i = 0; i < known.length(); i++) {
      char c = name.charAt(i);
      char lower = c >= 'A' && c <= 'Z' ? (char) (c + 32) : c == '_' ? '-' : c;
      if (lower != known.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Tells of the caller, behind what proxies that are trusted have told. */
  static void forwarded(HttpHeaders fields, Caller caller, String host) {
    String chain = caller.trusted() ? list(fields, FORWARDED_FOR) : null;
    fields.set(
        FORWARDED_FOR, chain == null ? caller.addressField() : chain + ", " + caller.address());
    if (!caller.trusted() || !fields.contains(FORWARDED_PROTO)) {
      fields.set(FORWARDED_PROTO, caller.scheme());
    }
    if (!caller.trusted() || !fields.contains(FORWARDED_HOST)) {
      if (host.isEmpty()) {
        fields.remove(FORWARDED_HOST);
      } else {
        fields.set(FORWARDED_HOST, host);
      }
    }
    String before = caller.trusted() ? list(fields, FORWARDED) : null;
    AsciiString mine = caller.forwarded(host);
    fields.set(FORWARDED, before == null ? mine : before + ", " + mine);
  }

  /** A list over all its lines (RFC 9110, section 5.3); null where there is none. */
  private static @Nullable String list(HttpHeaders fields, CharSequence name) {
    List<String> lines = fields.getAll(name);
    return lines.isEmpty() ? null : String.join(", ", lines);
  }

  /**
   * Counts one hop less for OPTIONS and TRACE (RFC 9110, section 7.6.2).
   *
   * @return whether this was the last hop, so that the call is not for anybody behind it
   */
  static boolean isLastHop(HttpMethod method, HttpHeaders fields) {
    if (!method.equals(HttpMethod.OPTIONS) && !method.equals(HttpMethod.TRACE)) {
      return false;
    }
    String hops = fields.get(HttpHeaderNames.MAX_FORWARDS);
    if (hops == null || !HOPS.matcher(hops).matches()) {
      return false;
    }
    int left = Integer.parseInt(hops);
    if (left > 0) {
      fields.set(HttpHeaderNames.MAX_FORWARDS, Integer.toString(left - 1));
    }
    return left == 0;
  }
}
