package io.tollgate.proxy.limit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The leases of counters that are spent together, side by side in one array: the third level of the
 * escrow. A decision on three limits reads two or three lines of memory instead of a dozen; with
 * many tenants that is what it costs.
 *
 * <p>A lease is six words at its place in the array, of which two are what every answer says of its
 * counter. Its units are spent by compare-and-set, without a lock, a hop or an allocation, while it
 * is open. Opening, closing and marking are left to one thread at a time, the holder of the
 * tenant's monitor. A unit taken out is never in two places: who closes takes out what is left, and
 * nothing can be spent before it is opened again.
 *
 * <p>Whoever takes units keeps the lease's mark from before. A mark that is still the lease's says
 * that the cell has not heard of what was taken since.
 */
final class Leases {
  /** Words a lease takes. */
  static final int WIDTH = 6;

  private static final long CLOSED = Long.MIN_VALUE;
  private static final int EXPIRES_AT = 1;
  private static final int LOW_WATER = 2;
  private static final int MARK = 3;
  private static final int REMAINING = 4;
  private static final int RESET_AT = 5;
  private static final long OVER = 1;
  private static final long NEXT = 2;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private Leases() {}

  /** So many closed leases. */
  static long[] closed(int count) {
    long[] words = new long[count * WIDTH];
    for (int i = 0; i < count; i++) {
      words[i * WIDTH] = CLOSED;
      words[i * WIDTH + RESET_AT] = -1;
    }
    return words;
  }

  /** Whether there are so many units, valid at the node's time. */
  static boolean covers(long[] words, int at, long units, long now) {
    return holdsAt(words, at, now) && (long) WORD.getOpaque(words, at) >= units;
  }

  /** Takes the units if there are so many: what is left then, else -1. */
  static long take(long[] words, int at, long units) {
    long present = (long) WORD.getVolatile(words, at);
    while (present >= units) {
      long left = present - units;
      if (WORD.compareAndSet(words, at, present, left)) {
        return left;
      }
      present = (long) WORD.getVolatile(words, at);
    }
    return -1;
  }

  /** Takes the units, or as many as there are: how many it took. */
  static long takeUpTo(long[] words, int at, long units) {
    long present = (long) WORD.getVolatile(words, at);
    while (present > 0) {
      long taken = Math.min(present, units);
      if (WORD.compareAndSet(words, at, present, present - taken)) {
        return taken;
      }
      present = (long) WORD.getVolatile(words, at);
    }
    return 0;
  }

  /** Gives units back; false when the lease is closed. */
  static boolean giveBack(long[] words, int at, long units) {
    long present = (long) WORD.getVolatile(words, at);
    while (present != CLOSED) {
      if (WORD.compareAndSet(words, at, present, present + units)) {
        return true;
      }
      present = (long) WORD.getVolatile(words, at);
    }
    return false;
  }

  /**
   * Opens a closed lease under a new mark.
   *
   * @param expiresAt when it is void, by the node's monotonic clock
   * @param lowWater below this it is time to ask for more, before calls have to wait
   * @param over whether its units are beyond the limit, by the limit's policy
   */
  static void open(long[] words, int at, long units, long expiresAt, long lowWater, boolean over) {
    WORD.setOpaque(words, at + EXPIRES_AT, expiresAt);
    WORD.setOpaque(words, at + LOW_WATER, lowWater);
    WORD.setOpaque(words, at + MARK, ((mark(words, at) | OVER) + 1) | (over ? OVER : 0));
    WORD.setVolatile(words, at, units);
  }

  /** Takes what is left and closes; 0 when it was closed before. */
  static long close(long[] words, int at) {
    long left = (long) WORD.getAndSet(words, at, CLOSED);
    return left == CLOSED ? 0 : left;
  }

  /** The cell is told what is left: a new mark, then the units left. */
  static long report(long[] words, int at) {
    WORD.setVolatile(words, at + MARK, mark(words, at) + NEXT);
    return available(words, at);
  }

  /** More was asked for: nobody else need ask. */
  static void asked(long[] words, int at) {
    WORD.setOpaque(words, at + LOW_WATER, 0L);
  }

  static long mark(long[] words, int at) {
    return (long) WORD.getAcquire(words, at + MARK);
  }

  /** Notes what the cell said was left there, and when the counter is reset: -1 for never. */
  static void note(long[] words, int at, long remaining, long resetAt) {
    WORD.setOpaque(words, at + REMAINING, remaining);
    WORD.setOpaque(words, at + RESET_AT, resetAt);
  }

  /** What the cell said last was left there. */
  static long remaining(long[] words, int at) {
    return (long) WORD.getOpaque(words, at + REMAINING);
  }

  /** When the counter is reset, by the node's time; -1 for never. */
  static long resetAt(long[] words, int at) {
    return (long) WORD.getOpaque(words, at + RESET_AT);
  }

  /** Whether the units were beyond the limit when this was the mark. */
  static boolean isOver(long mark) {
    return (mark & OVER) != 0;
  }

  static long lowWater(long[] words, int at) {
    return (long) WORD.getOpaque(words, at + LOW_WATER);
  }

  /** Units left. */
  static long available(long[] words, int at) {
    long present = (long) WORD.getVolatile(words, at);
    return present == CLOSED ? 0 : present;
  }

  static boolean isOpen(long[] words, int at) {
    return (long) WORD.getVolatile(words, at) != CLOSED;
  }

  static long expiresAt(long[] words, int at) {
    return (long) WORD.getOpaque(words, at + EXPIRES_AT);
  }

  /** Whether the lease still holds at the node's time. */
  static boolean holdsAt(long[] words, int at, long now) {
    return expiresAt(words, at) - now > 0;
  }
}
