package io.tollgate.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pattern over a path's segments: literal text, {@code *} or <code>{name}</code> for one segment
 * that is not empty, and {@code **} at the end for any rest, also none. {@code /causes/**} matches
 * {@code /causes}, {@code /causes/} and everything below. Immutable; matching allocates nothing.
 */
public final class PathPattern {
  /** Every path. */
  public static final PathPattern ALL = new PathPattern("/**");

  private final String text;
  private final String[] segments;
  private final boolean open;

  private PathPattern(String text) {
    this.text = text;
    this.open = text.endsWith("/**");
    String fixed = open ? text.substring(0, text.length() - 3) : text;
    this.segments = fixed.isEmpty() ? new String[0] : fixed.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (segments[i].startsWith("{") && segments[i].endsWith("}")) {
        segments[i] = "*";
      }
    }
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static PathPattern of(String text) {
    Objects.requireNonNull(text, "text");
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("a path pattern begins with '/'");
    }
    if (text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
      throw new IllegalArgumentException("a path pattern has no query and no fragment");
    }
    String fixed = text.endsWith("/**") ? text.substring(0, text.length() - 3) : text;
    for (String segment : fixed.split("/", -1)) {
      boolean wild = segment.equals("*") || segment.matches("\\{[^{}*]+}");
      if (!wild && (segment.contains("*") || segment.contains("{") || segment.contains("}"))) {
        throw new IllegalArgumentException(
            "'" + segment + "': '*' and {name} stand for a whole segment, '**' only at the end");
      }
    }
    String sent = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    String compared = Routes.normalize(sent);
    if (!compared.equals(text)) {
      throw new IllegalArgumentException(
          "'" + text + "' matches nothing: paths are compared decoded, as '" + compared + "'");
    }
    return new PathPattern(text);
  }

  /**
   * Whether the path, without its query, matches. A path with escapes, dots or doubled slashes must
   * come through {@link Routes}, which normalizes it.
   */
  public boolean matches(String path) {
    int at = 0;
    int length = path.length();
    for (String segment : segments) {
      if (at >= length || path.charAt(at) != '/') {
        return false;
      }
      int slash = path.indexOf('/', at + 1);
      int end = slash < 0 ? length : slash;
      int size = end - at - 1;
      boolean equal =
          segment.equals("*")
              ? size > 0
              : size == segment.length() && path.startsWith(segment, at + 1);
      if (!equal) {
        return false;
      }
      at = end;
    }
    return open || at == length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PathPattern that && that.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
