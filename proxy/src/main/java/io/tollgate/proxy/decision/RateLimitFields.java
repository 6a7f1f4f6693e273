package io.tollgate.proxy.decision;

import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.Verdict;
import java.util.Arrays;

/**
 * The {@code RateLimit} response field of draft-ietf-httpapi-ratelimit-headers-10 as a structured
 * field list (RFC 9651). Its constant twin, {@code RateLimit-Policy}, is {@link
 * Verdict#policyField}. Written as the bytes that go out, since every answer has one, in a buffer
 * that is kept: an instance belongs to one thread.
 */
public final class RateLimitFields {
  private static final int MOST_DIGITS = 20;

  /** Beside a name: quotes, {@code ;r=}, {@code ;t=}, comma and blank, and two numbers. */
  private static final int BESIDE_NAME = 2 + 3 + 3 + 2 + 2 * MOST_DIGITS;

  private static final byte[] NONE = {};
  private static final String BILLED = ";billed";

  private byte[] field = new byte[256];
  private int length;

  /**
   * The {@code RateLimit} value in ASCII: {@code "daily";r=50;t=30}; empty without a limit. A limit
   * in shadow mode is nobody's business: callers would hold themselves to what refuses nothing.
   */
  public byte[] rateLimit(Verdict verdict) {
    length = 0;
    for (int i = 0; i < verdict.size(); i++) {
      if (verdict.isShadow(i)) {
        continue;
      }
      String name = verdict.name(i);
      makeRoom(2 * name.length() + BESIDE_NAME);
      if (length > 0) {
        put(',', ' ');
      }
      quoted(name);
      put(';', 'r', '=');
      number(verdict.remaining(i));
      long reset = verdict.resetSeconds(i);
      if (reset >= 0) {
        put(';', 't', '=');
        number(reset);
      }
    }
    return Arrays.copyOf(field, length);
  }

  private void makeRoom(int more) {
    if (field.length - length < more) {
      field = Arrays.copyOf(field, 2 * (length + more));
    }
  }

  private void put(char first, char second) {
    field[length++] = (byte) first;
    field[length++] = (byte) second;
  }

  private void put(char first, char second, char third) {
    put(first, second);
    field[length++] = (byte) third;
  }

  /**
   * The {@code X-Tollgate-Warning} value, a structured field list of the limits beyond which the
   * call was admitted with a warning: {@code "monthly"}, or {@code "monthly";billed} where what is
   * beyond is billed. Empty when there is none; a limit in shadow mode warns nobody.
   */
  public byte[] warning(Verdict verdict) {
    if (!verdict.isOver()) {
      return NONE;
    }
    length = 0;
    for (int i = 0; i < verdict.size(); i++) {
      if (verdict.outcome(i) == Outcome.WARNED) {
        String name = verdict.name(i);
        makeRoom(2 * name.length() + BESIDE_NAME);
        if (length > 0) {
          put(',', ' ');
        }
        quoted(name);
        if (verdict.billed(i)) {
          billed();
        }
      }
    }
    return Arrays.copyOf(field, length);
  }

  private void billed() {
    for (int i = 0; i < BILLED.length(); i++) {
      field[length++] = (byte) BILLED.charAt(i);
    }
  }

  /** A structured field string (RFC 9651, section 3.3.3), spelled as in the policy's field. */
  private void quoted(String name) {
    field[length++] = '"';
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"' || c == '\\') {
        field[length++] = '\\';
      }
      field[length++] = (byte) (c >= ' ' && c < 127 ? c : '?');
    }
    field[length++] = '"';
  }

  /** At least 0. */
  private void number(long value) {
    length += digits(value);
    int end = length;
    long left = value;
    while (left > Integer.MAX_VALUE) {
      long hundreds = left / 100;
      end = two((int) (left - 100 * hundreds), end);
      left = hundreds;
    }
    int few = (int) left; // divided in half the time
    while (few >= 100) {
      int hundreds = few / 100;
      end = two(few - 100 * hundreds, end);
      few = hundreds;
    }
    if (few >= 10) {
      two(few, end);
    } else {
      field[end - 1] = (byte) ('0' + few);
    }
  }

  private static int digits(long value) {
    int digits = 1;
    for (long least = 10; value >= least && digits < MOST_DIGITS - 1; least *= 10) {
      digits++;
    }
    return digits;
  }

  /** Two digits before a place. */
  private int two(int value, int end) {
    int tens = value / 10;
    field[end - 1] = (byte) ('0' + value - 10 * tens);
    field[end - 2] = (byte) ('0' + tens);
    return end - 2;
  }
}
