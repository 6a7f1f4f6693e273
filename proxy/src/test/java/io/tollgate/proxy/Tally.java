package io.tollgate.proxy;

import java.util.Arrays;

/** A tenant's calls that came to the upstream, each with its moment. Thread-safe. */
final class Tally {
  private static final long SECOND = 1_000_000_000L;

  final long callMillis;
  private long[] moments = new long[1_024];
  private int count;
  private final int[] atOnceOf;
  private int atOnce;
  private int mostAtOnce;
  private int mostOfLate;

  Tally(long callMillis, int nodes) {
    this.callMillis = callMillis;
    this.atOnceOf = new int[nodes];
  }

  synchronized void begins(int node, long now) {
    if (count == moments.length) {
      moments = Arrays.copyOf(moments, 2 * count);
    }
    moments[count++] = now;
    atOnceOf[node]++;
    atOnce++;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    mostOfLate = Math.max(mostOfLate, atOnce);
  }

  synchronized void ends(int node) {
    atOnceOf[node]--;
    atOnce--;
  }

  /** Calls so far. */
  synchronized int count() {
    return count;
  }

  /** Calls under way now that came through the node. */
  synchronized int atOnce(int node) {
    return atOnceOf[node];
  }

  /** The most at once. */
  synchronized int mostAtOnce() {
    return mostAtOnce;
  }

  /** The most at once since {@link #beginAnew}. */
  synchronized int mostOfLate() {
    return mostOfLate;
  }

  synchronized void beginAnew() {
    mostOfLate = 0;
  }

  /** When the last call came, by the machine's monotonic clock; the beginning where none did. */
  synchronized long last(long beginning) {
    return count == 0 ? beginning : moments[count - 1];
  }

  /**
   * By how many calls an ideal bucket would have been overdrawn at worst: 0 when in no stretch of
   * time, wherever it begins, more came than burst + refill.
   */
  synchronized long overdrawn(long perSecond, long burst) {
    long full = burst * SECOND;
    long level = full;
    long worst = 0;
    for (int i = 0; i < count; i++) {
      long since = i == 0 ? 0 : moments[i] - moments[i - 1];
      level = Math.min(full, level + since * perSecond) - SECOND;
      worst = Math.max(worst, -level);
    }
    return (worst + SECOND - 1) / SECOND;
  }
}
