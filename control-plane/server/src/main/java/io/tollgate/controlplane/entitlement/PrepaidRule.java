package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.QuotaLimit;
import java.time.Instant;

/**
 * How units paid ahead enlarge a quota, as a pure function: all its windows together let no more
 * pass beyond the quota's own amount than was ever paid in. A window takes of them only what is out
 * beyond that amount, and what comes back, or finds room where the amount was raised, is free for
 * other windows.
 *
 * @param block what is granted
 * @param account what was paid ahead, after it
 */
record PrepaidRule(BlockRule block, Account account) {
  /**
   * What a quota has of units paid ahead.
   *
   * @param paidIn all that was ever paid in, at least 0
   * @param taken by all windows, at least 0
   * @param byWindow by the window in question: at most {@code taken}
   */
  record Account(long paidIn, long taken, long byWindow) {
    /** What the window may have of it. */
    long forWindow() {
      return byWindow + Math.max(0, paidIn - taken);
    }

    private Account withWindow(long units) {
      return new Account(paidIn, taken - byWindow + units, units);
    }
  }

  /**
   * Decides one request.
   *
   * @param quota as the tenant's document has it
   * @param prepaid units of the document's amount that were paid ahead; at most these count, since
   *     what expired or was billed is known there
   * @param before the window before it
   * @param account as it is
   * @param asked units wanted and returned
   * @param now by the tenant's clock
   */
  static PrepaidRule decide(
      QuotaLimit quota,
      long prepaid,
      BlockRule.Window before,
      Account account,
      Asked asked,
      Instant now) {
    long own = quota.amount() - prepaid;
    long units = Math.min(prepaid, account.forWindow());
    BlockRule block =
        BlockRule.decide(
            withAmount(quota, own + units), before, asked.units(), asked.returned(), now);
    long beyond = Math.max(0, block.window().outstanding() - own);
    return new PrepaidRule(block, account.withWindow(Math.min(beyond, account.forWindow())));
  }

  /**
   * A request's units.
   *
   * @param units wanted
   * @param returned come back
   */
  record Asked(long units, long returned) {}

  private static QuotaLimit withAmount(QuotaLimit quota, long amount) {
    return new QuotaLimit(
        quota.name(),
        quota.meter(),
        quota.scope(),
        amount,
        quota.window(),
        quota.over(),
        quota.shadow(),
        quota.origin());
  }
}
