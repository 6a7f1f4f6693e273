package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Retries;

/**
 * Bounds how much of an upstream's load may be repetitions, so that an upstream that fails is not
 * asked twice as often for it. A bucket that calls and time fill, and repetitions empty; it holds
 * what ten seconds fill. Used on one event loop.
 */
final class RetryBudget {
  private static final long RETRY = 100;
  private static final long SECOND = 1_000_000_000;
  private static final long SECONDS_HELD = 10;

  private final Retries settings;
  private final long most;
  private long held;
  private long filledAt;

  /**
   * A full bucket.
   *
   * @param now nanoseconds of a clock that never goes back
   */
  RetryBudget(Retries settings, long now) {
    this.settings = settings;
    long stored = SECONDS_HELD * RETRY * settings.perSecond();
    this.most = Math.max(stored, settings.percent() * RETRY);
    this.held = stored;
    this.filledAt = now;
  }

  /** A call goes out for the first time. */
  void called() {
    held = Math.min(most, held + settings.percent());
  }

  /** Takes one repetition out of the bucket, where it holds one. */
  boolean take(long now) {
    long seconds = (now - filledAt) / SECOND;
    if (seconds > 0) {
      filledAt += seconds * SECOND;
      long filled = Math.min(seconds, SECONDS_HELD) * settings.perSecond() * RETRY;
      held = Math.min(most, held + filled);
    }
    if (held < RETRY) {
      return false;
    }
    held -= RETRY;
    return true;
  }
}
