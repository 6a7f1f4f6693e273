package io.tollgate.proxy.decision;

import io.tollgate.proxy.limit.Verdict;

/**
 * The {@code RateLimit} response field of draft-ietf-httpapi-ratelimit-headers-10 as a structured
 * field list (RFC 9651). Its constant twin, {@code RateLimit-Policy}, is {@link
 * Verdict#policyField}. Pure.
 */
public final class RateLimitFields {
  private RateLimitFields() {}

  /** The {@code RateLimit} value: {@code "daily";r=50;t=30}; empty when no limit applied. */
  public static String rateLimit(Verdict verdict) {
    if (verdict.size() == 0) {
      return "";
    }
    StringBuilder field = new StringBuilder(32 * verdict.size());
    for (int i = 0; i < verdict.size(); i++) {
      if (i > 0) {
        field.append(", ");
      }
      quoted(field, verdict.name(i));
      field.append(";r=").append(verdict.remaining(i));
      if (verdict.resetSeconds(i) >= 0) {
        field.append(";t=").append(verdict.resetSeconds(i));
      }
    }
    return field.toString();
  }

  /** A structured field string (RFC 9651, section 3.3.3), spelled as in the policy's field. */
  private static void quoted(StringBuilder field, String name) {
    field.append('"');
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"' || c == '\\') {
        field.append('\\');
      }
      field.append(c >= ' ' && c < 127 ? c : '?');
    }
    field.append('"');
  }
}
