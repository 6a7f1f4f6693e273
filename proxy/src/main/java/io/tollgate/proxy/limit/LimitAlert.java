package io.tollgate.proxy.limit;

/**
 * A tenant's use passed one of a limit's alert percentages. Announced once per window in the whole
 * cluster.
 *
 * @param tenant whose use
 * @param limit the limit's name
 * @param counter the scope's counter; empty for the tenant
 * @param percent the percentage that was passed
 * @param used units used in the window
 * @param amount the limit's size in units
 * @param windowStartMillis start of the window, epoch milliseconds; {@link Long#MIN_VALUE} for a
 *     lifetime quota
 */
public record LimitAlert(
    String tenant,
    String limit,
    String counter,
    int percent,
    long used,
    long amount,
    long windowStartMillis) {}
