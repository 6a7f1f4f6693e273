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
 * @param granted units granted
 * @param window the window after it
 */
record BlockRule(long granted, Window window) {
  private static final BigInteger HUNDRED = BigInteger.valueOf(100);

  /**
   * What is out of a quota in one of its windows.
   *
   * @param outstanding units out, net of what came back
   * @param firstPassedAt when the quota's amount was first passed; null if it is not
   * @param passedAmount the amount that was passed then; 0 if none was
   */
  record Window(long outstanding, @Nullable Instant firstPassedAt, long passedAmount) {
    /** Nothing is out. */
    static final Window FRESH = new Window(0, null, 0);
  }

  /**
   * Decides one request.
   *
   * @param quota as it is now: raised or lowered, it counts at once
   * @param before the window before it
   * @param units how many are wanted
   * @param returned how many come back; what was never out cannot
   * @param now by the tenant's clock
   */
  static BlockRule decide(QuotaLimit quota, Window before, long units, long returned, Instant now) {
    long left = before.outstanding() - Math.min(returned, before.outstanding());
    // A quota raised above what is out has not been passed: its grace is still to come.
    boolean passed =
        before.firstPassedAt() != null
            && (left > quota.amount() || quota.amount() <= before.passedAmount());
    Instant firstPassedAt = passed ? before.firstPassedAt() : null;
    long most = greatest(quota, firstPassedAt, now);
    long granted = Math.min(units, Math.max(0, most - left));
    long out = left + granted;
    if (firstPassedAt == null && out > quota.amount()) {
      return new BlockRule(granted, new Window(out, now, quota.amount()));
    }
    return new BlockRule(
        granted, new Window(out, firstPassedAt, passed ? before.passedAmount() : 0));
  }

  /**
   * The most units that may be out: the amount and its buffer, which lasts for the grace days where
   * there are some; no bound where none is hard, or in grace days without a buffer.
   */
  private static long greatest(QuotaLimit quota, @Nullable Instant firstPassedAt, Instant now) {
    OverLimit over = quota.over();
    boolean hard =
        !quota.shadow()
            && switch (over.behavior()) {
              case DENY -> true;
              case WARN, ALLOW, BILL -> false;
            };
    boolean inGrace = isInGrace(over, firstPassedAt, now);
    if (!hard || (inGrace && over.bufferPercent() == 0)) {
      return Long.MAX_VALUE;
    }
    if (over.graceDays() > 0 && !inGrace) {
      return quota.amount();
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
