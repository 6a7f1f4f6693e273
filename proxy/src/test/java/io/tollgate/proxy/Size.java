package io.tollgate.proxy;

/**
 * How large a scene's limits are, and how much is called: at three proxies three to seven times of
 * what the limits let through.
 *
 * @param quota units a month
 * @param rate units a second
 * @param burst units at once
 * @param permits calls at once
 * @param callers of each proxy for the quota, and as many for the permits
 * @param everyMillis between two calls of a caller for the quota
 */
record Size(long quota, long rate, long burst, int permits, int callers, long everyMillis) {
  /** Spent within seconds; leases live for {@code limits.lease-ttl}. */
  static final Size SMALL = new Size(400, 60, 30, 4, 4, 40);

  /** Leases are a small part of it at first, and live twelve times as long. */
  static final Size LARGE = new Size(8_000, 100, 2_000, 12, 10, 25);
}
