package io.tollgate.proxy.meter;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How gRPC messages stand in a body, by its content type (gRPC over HTTP/2; gRPC-Web). */
enum GrpcFraming {
  /** No gRPC. */
  NONE,
  /** Length-prefixed messages as they are. */
  BINARY,
  /** The same as base64, in which padding may stand anywhere. */
  TEXT;

  private static final String GRPC = "application/grpc";

  /** The framing of a body of that content type; null where none is said. */
  static GrpcFraming of(@Nullable String contentType) {
    if (contentType == null || !contentType.regionMatches(true, 0, GRPC, 0, GRPC.length())) {
      return NONE;
    }
    String rest = contentType.substring(GRPC.length()).toLowerCase(Locale.ROOT);
    if (rest.startsWith("-web-text")) {
      return begins(rest.substring("-web-text".length())) ? TEXT : NONE;
    }
    String sub = rest.startsWith("-web") ? rest.substring("-web".length()) : rest;
    return begins(sub) ? BINARY : NONE;
  }

  /** What counts its messages; null where there are none. */
  @Nullable MessageCounter counter() {
    return switch (this) {
      case NONE -> null;
      case BINARY -> new GrpcCounter();
      case TEXT -> new GrpcTextCounter();
    };
  }

  /** Whether a media type's name ends here. */
  private static boolean begins(String rest) {
    return rest.isEmpty() || "+; ".indexOf(rest.charAt(0)) >= 0;
  }
}
