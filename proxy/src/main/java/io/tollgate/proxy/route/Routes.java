package io.tollgate.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service's routes, first match wins. Immutable; a newer file makes a new one.
 *
 * <p>Paths are compared as an origin reads them: escapes decoded, bytes beyond ASCII as UTF-8,
 * {@code .} and {@code ..} resolved, doubled slashes joined (RFC 3986, section 6.2.2). So {@code
 * /a/%2e%2e/b} is <code>/b</code> here too, and no spelling of a path slips past its route. What
 * goes upstream is the caller's spelling.
 */
public final class Routes {
  private final List<Route> routes;

  /** Routes in the order in which they are tried. */
  public Routes(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /** All routes in their order. */
  public List<Route> all() {
    return routes;
  }

  /**
   * The first route a call matches, or null. Allocates nothing for a plain path.
   *
   * @param method upper-case method
   * @param host host or authority, with or without a port
   * @param path path without query, as it was sent
   * @param headers the call's fields
   */
  public @Nullable Route match(String method, String host, String path, CallHeaders headers) {
    String plain = plain(path);
    for (int i = 0; i < routes.size(); i++) {
      Route route = routes.get(i);
      if (route.match().matches(method, host, plain, headers)) {
        return route;
      }
    }
    return null;
  }

  /** The path in the spelling in which it is compared; the same instance where it is plain. */
  public static String plain(String path) {
    return isPlain(path) ? path : normalize(path);
  }

  private static boolean isPlain(String path) {
    char last = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || c == '\\' || c == ';' || c > '~' || (last == '/' && (c == '/' || c == '.'))) {
        return false;
      }
      last = c;
    }
    return true;
  }

  /** The path as an origin may read it; servlet path parameters ({@code ;x=y}) are left out. */
  static String normalize(String path) {
    Deque<String> segments = new ArrayDeque<>();
    String decoded = decode(path).replace('\\', '/');
    boolean slashAtEnd = decoded.endsWith("/") || decoded.endsWith("/.") || decoded.endsWith("/..");
    for (String segment : decoded.split("/", -1)) {
      int semicolon = segment.indexOf(';');
      String bare = semicolon < 0 ? segment : segment.substring(0, semicolon);
      switch (bare) {
        case "", "." -> {}
        case ".." -> segments.pollLast();
        case String name -> segments.addLast(name);
      }
    }
    String joined = "/" + String.join("/", segments);
    return slashAtEnd && joined.length() > 1 ? joined + "/" : joined;
  }

  private static String decode(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1); // each letter is a byte as it came
    byte[] out = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length && bytes[i] == '%' ? Character.digit(bytes[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
      if (low >= 0) {
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = bytes[i];
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }
}
