package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.Kind;

/**
 * The {@code RateLimit-Policy} field of draft-ietf-httpapi-ratelimit-headers-10: an RFC 9651 list
 * of strings with {@code q} (units), {@code w} (seconds) and, for permits, {@code qu}.
 */
final class PolicyField {
  private PolicyField() {}

  static String of(CompiledLimit[] limits) {
    StringBuilder field = new StringBuilder(32 * limits.length);
    for (CompiledLimit limit : limits) {
      if (limit.isShadow()) {
        continue; // it limits nobody
      }
      if (field.length() > 0) {
        field.append(", ");
      }
      field.append(quoted(limit.definition().limit()));
      field.append(";q=").append(limit.definition().amount());
      if (limit.windowSeconds() > 0) {
        field.append(";w=").append(limit.windowSeconds());
      }
      if (limit.definition().kind() == Kind.CONCURRENCY) {
        field.append(";qu=\"concurrent-requests\"");
      }
    }
    return field.toString();
  }

  /** A structured-field string: printable ASCII, quote and backslash escaped. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else {
        quoted.append(c >= ' ' && c < 127 ? c : '?');
      }
    }
    return quoted.append('"').toString();
  }
}
