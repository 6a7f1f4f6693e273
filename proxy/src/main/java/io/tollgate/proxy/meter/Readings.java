package io.tollgate.proxy.meter;

import io.tollgate.proxy.config.MeterWeight;
import java.util.List;

/**
 * What an exchange on one route counts for: made once per route, asked at the end of each exchange.
 * Immutable and thread-safe.
 */
public final class Readings {
  private final String[] meters;
  private final long[] weights;

  private Readings(String[] meters, long[] weights) {
    this.meters = meters;
    this.weights = weights;
  }

  /**
   * So many units of each meter for every call.
   *
   * @param weights the route's meters; those of weight 0 are left out
   */
  public static Readings of(List<MeterWeight> weights) {
    List<MeterWeight> counted = weights.stream().filter(each -> each.weight() > 0).toList();
    return new Readings(
        counted.stream().map(MeterWeight::meter).toArray(String[]::new),
        counted.stream().mapToLong(MeterWeight::weight).toArray());
  }

  /**
   * Counts an exchange that is over. One that the upstream did not answer counts for nothing. Does
   * not allocate.
   */
  public void record(String tenant, Exchange exchange, Tally tally) {
    if (!exchange.answered()) {
      return;
    }
    for (int i = 0; i < meters.length; i++) {
      tally.add(tenant, meters[i], weights[i]);
    }
  }
}
