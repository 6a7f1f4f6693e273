package io.tollgate.contract;

import java.util.Objects;

/**
 * The answer to {@link QuotaBlockRequest}.
 *
 * @param format {@link #FORMAT}
 * @param requestId the request's
 * @param granted units the cluster may now hand out: 0 when the quota is spent
 * @param outstanding units granted to all clusters in this window so far, net of what was returned
 * @param amount the quota's size when the block was granted
 */
public record QuotaBlock(
    int format, String requestId, long granted, long outstanding, long amount) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  public QuotaBlock {
    Objects.requireNonNull(requestId, "requestId");
  }
}
