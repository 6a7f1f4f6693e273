package io.tollgate.proxy.admin;

import org.jspecify.annotations.Nullable;

/**
 * A call's place in a trace (W3C Trace Context): the trace, the caller's span, a span for the call
 * here and one for it upstream. Immutable.
 *
 * @param traceId 32 hexadecimal digits
 * @param parentId the caller's span, 16 hexadecimal digits; empty where the trace begins here
 * @param spanId the call's span here
 * @param upstreamId its span upstream
 * @param sampled whether the spans are kept
 */
public record Trace(
    String traceId, String parentId, String spanId, String upstreamId, boolean sampled) {
  private static final int LENGTH = 55;

  /** A parent as it was sent. */
  record Parent(String traceId, String spanId, boolean sampled) {}

  /** The value of {@code traceparent} that goes upstream. */
  public String traceparent() {
    return "00-" + traceId + "-" + upstreamId + (sampled ? "-01" : "-00");
  }

  /**
   * Reads a {@code traceparent} (section 3.2.2); null where there is none or it is not valid. Of a
   * later version it reads what this one has too.
   */
  static @Nullable Parent parent(@Nullable String text) {
    if (text == null || text.length() < LENGTH) {
      return null;
    }
    boolean form =
        isHex(text, 0, 2)
            && text.charAt(2) == '-'
            && isHex(text, 3, 35)
            && text.charAt(35) == '-'
            && isHex(text, 36, 52)
            && text.charAt(52) == '-'
            && isHex(text, 53, 55);
    boolean version =
        text.startsWith("00")
            ? text.length() == LENGTH
            : !text.startsWith("ff") && (text.length() == LENGTH || text.charAt(LENGTH) == '-');
    if (!form || !version || isZero(text, 3, 35) || isZero(text, 36, 52)) {
      return null;
    }
    boolean sampled = (Character.digit(text.charAt(54), 16) & 1) == 1;
    return new Parent(text.substring(3, 35), text.substring(36, 52), sampled);
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
