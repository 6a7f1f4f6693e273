package io.tollgate.proxy;

import java.util.BitSet;

/**
 * When calls were not answered at once by who knows what is left of the limit: times in which less
 * may pass than the limit lets. Thread-safe.
 */
final class Outages {
  private static final long SLOT = 10_000_000;
  private static final int LATE_SLOTS = 10;

  private final BitSet slots = new BitSet();
  private final long beginning;

  /** From a moment of the machine's monotonic clock on. */
  Outages(long beginning) {
    this.beginning = beginning;
  }

  /** A call was answered; late after 100 ms. One that was not known says so of 100 ms more. */
  synchronized void answered(long sent, long at, boolean unknown) {
    int first = slot(sent);
    int last = slot(at);
    if (unknown || last - first > LATE_SLOTS) {
      slots.set(first, last + (unknown ? LATE_SLOTS : 0) + 1);
    }
  }

  /** Nobody who knows may have been there. */
  synchronized void between(long began, long ended) {
    slots.set(slot(began), slot(ended) + 1);
  }

  /** How long they took since then, each moment once. */
  synchronized long nanosSince(long moment) {
    return SLOT * slots.get(slot(moment), Math.max(slot(moment), slots.length())).cardinality();
  }

  private int slot(long moment) {
    return (int) ((moment - beginning) / SLOT);
  }
}
