package io.tollgate.controlplane.usage;

import java.time.Duration;

/**
 * How long is kept what bills were made of.
 *
 * @param totals how long ago a counter's hour may have begun for its total to be taken, 2 days or
 *     more; older ones are refused and named, and their rows forgotten a day later. A proxy that
 *     was cut off for longer loses what it counted before that, and says so
 * @param transactions how long the single transactions of usage priced one by one are kept after
 *     they were used, 31 days or more; those of periods not billed for good always are
 */
public record Retention(Duration totals, Duration transactions) {
  /** 90 and 400 days. */
  public static final Retention DEFAULT = new Retention(Duration.ofDays(90), Duration.ofDays(400));

  /** Between refusing and forgetting: replicas' clocks and settings may differ by less. */
  static final Duration MARGIN = Duration.ofDays(1);

  public Retention {
    if (totals.compareTo(Duration.ofDays(2)) < 0) {
      throw new IllegalArgumentException("totals: at least 2 days");
    }
    if (transactions.compareTo(Duration.ofDays(31)) < 0) {
      throw new IllegalArgumentException("transactions: at least 31 days");
    }
  }
}
