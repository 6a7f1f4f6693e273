package io.tollgate.proxy;

/**
 * What a misfortune may change, as {@code ARCHITECTURE.md} states it.
 *
 * @param quotaLost units of the quota that are not used
 * @param rateOver units of the rate beyond burst and refill
 * @param permitsOver calls at once beyond the permits
 */
record Tolerance(long quotaLost, long rateOver, int permitsOver) {
  /** Nothing beyond the limits, and all of the quota but for so much. */
  static Tolerance losing(long quotaLost) {
    return new Tolerance(quotaLost, 0, 0);
  }
}
