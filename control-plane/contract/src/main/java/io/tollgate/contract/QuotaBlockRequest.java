package io.tollgate.contract;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit cluster asks the control plane, the exact root of a period quota, for units to hand out.
 * Idempotent on {@code requestId}: asked again, the same block is answered.
 *
 * @param format {@link #FORMAT}
 * @param requestId unique for ever, made by the asker before it sends
 * @param cluster the limit cluster's name
 * @param tenant whose quota
 * @param quota the quota's name
 * @param counter the scope's counter: empty for the tenant, else the key id, route group or feature
 * @param windowStart start of the window; null for a lifetime quota
 * @param units how many are wanted, at least 1
 * @param returned units of earlier blocks of this window that are given back unused, at least 0
 */
public record QuotaBlockRequest(
    int format,
    String requestId,
    String cluster,
    String tenant,
    String quota,
    String counter,
    @Nullable Instant windowStart,
    long units,
    long returned) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  public QuotaBlockRequest {
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(cluster, "cluster");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(quota, "quota");
    Objects.requireNonNull(counter, "counter");
    if (units < 0 || returned < 0) {
      throw new IllegalArgumentException("units and returned: at least 0");
    }
  }
}
