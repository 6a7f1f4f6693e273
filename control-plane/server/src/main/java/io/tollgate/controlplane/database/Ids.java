package io.tollgate.controlplane.database;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Makes identifiers such as {@code inv_01jd2x...}: a prefix that says what it names, 48 bits of
 * milliseconds so that they sort by birth, and 80 random bits, in Crockford's base 32. Those of one
 * instance rise, also inside a millisecond: what one transaction makes is read in the order in
 * which it was made. Thread-safe.
 */
public final class Ids {
  /** The greatest number of 40 bits: eight digits. */
  private static final long HALF = (1L << 40) - 1;

  /** How far apart two ids of one millisecond are at most. */
  private static final int STEP = (1 << 20) - 1;

  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();

  private final InstantSource clock;
  private final RandomGenerator random;
  private long millis = -1;
  private long high;
  private long low;

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
    synchronized (this) {
      step();
      append(id, millis, 10);
      append(id, high, 8);
      append(id, low, 8);
    }
    return id.toString();
  }

  /** A new millisecond begins at random; inside one, and while the clock is behind, ids rise. */
  private void step() {
    long now = clock.millis();
    if (now > millis) {
      millis = now;
      high = random.nextLong() & HALF;
      low = random.nextLong() & HALF;
      return;
    }
    low += 1 + (random.nextInt() & STEP);
    if (low > HALF) {
      low &= HALF;
      high = (high + 1) & HALF;
    }
  }

  private static void append(StringBuilder id, long bits, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
      id.append(DIGITS[(int) (bits >>> (5 * i)) & 31]);
    }
  }
}
