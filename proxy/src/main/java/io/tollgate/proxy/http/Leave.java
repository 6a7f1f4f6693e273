package io.tollgate.proxy.http;

import io.netty.handler.codec.http.HttpHeaderValues;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an HTTP/1.1 request asks to leave HTTP (RFC 9110, section 7.8). */
public final class Leave {
  private static final String HTTP2 = "h2c";

  private Leave() {}

  /**
   * Whether these fields ask for it; not where they ask for HTTP/2, which an intermediary speaks
   * for itself.
   *
   * @param upgrade the field Upgrade; null for none
   * @param connection the lines of the field Connection
   */
  public static boolean isAskedFor(@Nullable String upgrade, List<String> connection) {
    return upgrade != null
        && !upgrade.regionMatches(true, 0, HTTP2, 0, HTTP2.length())
        && connection.stream()
            .flatMap(value -> FieldList.tokens(value).stream())
            .anyMatch(HttpHeaderValues.UPGRADE::contentEqualsIgnoreCase);
  }
}
