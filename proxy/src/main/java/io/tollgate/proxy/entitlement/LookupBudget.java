package io.tollgate.proxy.entitlement;

/**
 * How many questions the control plane may be asked: so many a second with a burst of as many, and
 * so many at once. One that found somebody counts a tenth: there are only so many real keys, which
 * call again after a restart all at once, but no end of made-up ones. Thread-safe.
 */
final class LookupBudget {
  private static final long SECOND = 1_000;
  private static final long BACK_WHERE_FOUND = SECOND - SECOND / 10;

  private final int perSecond;
  private final int atOnce;
  private int open;
  private long tokens;
  private long filledAt;

  LookupBudget(int perSecond, int atOnce, long nowMillis) {
    this.perSecond = perSecond;
    this.atOnce = atOnce;
    this.tokens = perSecond * SECOND;
    this.filledAt = nowMillis;
  }

  /** Takes a question, to be given back with {@link #done}; false when there is none. */
  synchronized boolean take(long nowMillis) {
    // A thousandth of a question refills per millisecond and unit of rate: no fractions are lost.
    long elapsed = Math.clamp(nowMillis - filledAt, 0, SECOND);
    tokens = Math.min(perSecond * SECOND, tokens + elapsed * perSecond);
    filledAt = nowMillis;
    if (open >= atOnce || tokens < SECOND) {
      return false;
    }
    open++;
    tokens -= SECOND;
    return true;
  }

  /**
   * A question was answered.
   *
   * @param found whether what was asked for exists
   */
  synchronized void done(boolean found) {
    open--;
    if (found) {
      tokens = Math.min(perSecond * SECOND, tokens + BACK_WHERE_FOUND);
    }
  }
}
