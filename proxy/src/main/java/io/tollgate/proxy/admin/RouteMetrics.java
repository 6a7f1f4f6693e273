package io.tollgate.proxy.admin;

import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;

/** One route's counters. Thread-safe. */
public final class RouteMetrics {
  private static final double NANOS = 1e9;

  private final Counter.Child[] byStatusClass;
  private final Histogram.Child seconds;

  RouteMetrics(Counter.Child[] byStatusClass, Histogram.Child seconds) {
    this.byStatusClass = byStatusClass.clone();
    this.seconds = seconds;
  }

  /**
   * A call ended.
   *
   * @param status the answer's; 0 for none
   * @param nanos from the request's head to the end
   */
  public void ended(int status, long nanos) {
    int statusClass = status / 100;
    byStatusClass[statusClass >= 1 && statusClass <= 5 ? statusClass : 0].inc();
    seconds.observe(nanos / NANOS);
  }
}
