package io.tollgate.contract;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's use passed a threshold of a quota, or the quota itself. There is one event for each
 * (tenant, quota, counter, windowStart, kind, percent), however often and by however many proxies
 * it is told: what was passed once in a window stays passed, also where the quota is raised in it.
 *
 * @param tenant whose use
 * @param quota the quota's name
 * @param counter the scope's counter: empty for the tenant, else the key id, route group or feature
 * @param windowStart start of the window; null for a lifetime quota
 * @param kind what was passed
 * @param percent the threshold in percent of the amount; 100 for {@link Kind#OVER}
 * @param used units used in the window when it was noticed, at least 0
 * @param amount the quota's size then
 */
public record QuotaAlert(
    String tenant,
    String quota,
    String counter,
    @Nullable Instant windowStart,
    Kind kind,
    int percent,
    long used,
    long amount) {
  /** What was passed. */
  public enum Kind {
    /** One of the quota's alert percentages. */
    THRESHOLD,
    /** The quota: a call was admitted beyond it, with a warning, by its policy. */
    OVER
  }

  public QuotaAlert {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(quota, "quota");
    Objects.requireNonNull(counter, "counter");
    Objects.requireNonNull(kind, "kind");
    if (percent < 1 || percent > 1000) {
      throw new IllegalArgumentException("percent: 1 to 1000, not " + percent);
    }
    if (used < 0 || amount < 0) {
      throw new IllegalArgumentException("used and amount: at least 0");
    }
  }
}
