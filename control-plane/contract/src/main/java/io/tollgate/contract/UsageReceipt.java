package io.tollgate.contract;

import java.util.List;

/**
 * The answer to {@link UsageTotals}: every total in it is now durable, or named as refused.
 *
 * @param format {@link #FORMAT}
 * @param sequence the message's sequence
 * @param accepted how many totals were stored or were already known
 * @param refused totals that will never be stored, each with why; the sender counts and logs them
 */
public record UsageReceipt(int format, long sequence, int accepted, List<Refusal> refused) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  /**
   * A total that was not stored.
   *
   * @param total the total as it was sent
   * @param reason why, and what would mend it
   */
  public record Refusal(UsageTotal total, String reason) {}

  public UsageReceipt {
    refused = List.copyOf(refused);
  }
}
