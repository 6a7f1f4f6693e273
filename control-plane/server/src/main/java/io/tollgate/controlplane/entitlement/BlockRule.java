package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many units of a quota may be handed out: the rule of the exact root, as a pure function.
 *
 * @param outstanding units out after the decision
 * @param granted units granted by it
 * @param firstPassedAt when the quota's amount was first passed in this window; null if never
 */
record BlockRule(long outstanding, long granted, @Nullable Instant firstPassedAt) {
  private static final BigInteger HUNDRED = BigInteger.valueOf(100);

  /**
   * Decides one request.
   *
   * @param quota as it is now: raised or lowered, it counts at once
   * @param outstanding units out before, net of what came back
   * @param firstPassedAt when the amount was first passed in this window; null if never
   * @param units how many are wanted
   * @param returned how many come back; what was never out cannot
   * @param now by the tenant's clock
   */
  static BlockRule decide(
      QuotaLimit quota,
      long outstanding,
      @Nullable Instant firstPassedAt,
      long units,
      long returned,
      Instant now) {
    long left = outstanding - Math.min(returned, outstanding);
    long most = greatest(quota, firstPassedAt, now);
    long granted = Math.min(units, Math.max(0, most - left));
    long out = left + granted;
    boolean passes = out > quota.amount();
    return new BlockRule(out, granted, firstPassedAt == null && passes ? now : firstPassedAt);
  }

  /** The most units that may be out: the amount and its buffer, or no bound where none is hard. */
  private static long greatest(QuotaLimit quota, @Nullable Instant firstPassedAt, Instant now) {
    OverLimit over = quota.over();
    boolean hard =
        !quota.shadow()
            && switch (over.behavior()) {
              case DENY -> true;
              case WARN, ALLOW, BILL -> false;
            };
    if (!hard || isInGrace(over, firstPassedAt, now)) {
      return Long.MAX_VALUE;
    }
    return BigInteger.valueOf(quota.amount())
        .multiply(BigInteger.valueOf(100L + over.bufferPercent()))
        .divide(HUNDRED)
        .min(BigInteger.valueOf(Long.MAX_VALUE))
        .longValueExact();
  }

  private static boolean isInGrace(OverLimit over, @Nullable Instant firstPassedAt, Instant now) {
    return over.graceDays() > 0
        && (firstPassedAt == null
            || now.isBefore(firstPassedAt.plus(over.graceDays(), ChronoUnit.DAYS)));
  }
}
