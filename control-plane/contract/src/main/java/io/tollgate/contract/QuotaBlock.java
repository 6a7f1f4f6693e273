package io.tollgate.contract;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link QuotaBlockRequest}.
 *
 * @param format {@link #FORMAT}
 * @param requestId the request's
 * @param granted units the cluster may now hand out: 0 when the quota is spent
 * @param outstanding units granted to all clusters in this window so far, net of what was returned
 * @param amount the quota's size when the block was granted
 * @param firstPassedAt when more than the amount was first out in this window, by the tenant's
 *     clock: grace days count from then; null for not yet
 */
public record QuotaBlock(
    int format,
    String requestId,
    long granted,
    long outstanding,
    long amount,
    @Nullable Instant firstPassedAt) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  /** A block of a window whose amount was not passed yet. */
  public QuotaBlock(int format, String requestId, long granted, long outstanding, long amount) {
    this(format, requestId, granted, outstanding, amount, null);
  }

  public QuotaBlock {
    Objects.requireNonNull(requestId, "requestId");
  }
}
