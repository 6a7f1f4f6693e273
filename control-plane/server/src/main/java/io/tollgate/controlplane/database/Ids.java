package io.tollgate.controlplane.database;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Makes identifiers such as {@code inv_01jd2x...}: a prefix that says what it names, 48 bits of
 * milliseconds so that they sort by birth, and 80 random bits, in Crockford's base 32. Thread-safe
 * if the generator is.
 */
public final class Ids {
  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();

  private final InstantSource clock;
  private final RandomGenerator random;

  /** Ids of this clock's time; the generator should be a {@link java.security.SecureRandom}. */
  public Ids(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /**
   * A new identifier.
   *
   * @param prefix what it names, such as {@code inv}
   */
  public String next(String prefix) {
    StringBuilder id = new StringBuilder(prefix).append('_');
    append(id, clock.millis(), 10);
    append(id, random.nextLong(), 8);
    append(id, random.nextLong(), 8);
    return id.toString();
  }

  private static void append(StringBuilder id, long bits, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
      id.append(DIGITS[(int) (bits >>> (5 * i)) & 31]);
    }
  }
}
