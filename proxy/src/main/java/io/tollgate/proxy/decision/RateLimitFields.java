package io.tollgate.proxy.decision;

import io.tollgate.proxy.limit.Outcome;
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

  /**
   * The {@code X-Tollgate-Warning} value, a structured field list of the limits beyond which the
   * call was admitted with a warning: {@code "monthly"}, or {@code "monthly";billed} where what is
   * beyond is billed. Empty when there is none; a limit in shadow mode warns nobody.
   */
  public static String warning(Verdict verdict) {
    if (!verdict.isOver()) {
      return "";
    }
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < verdict.size(); i++) {
      if (verdict.outcome(i) == Outcome.WARNED) {
        field.append(field.length() == 0 ? "" : ", ");
        quoted(field, verdict.name(i));
        field.append(verdict.billed(i) ? ";billed" : "");
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
