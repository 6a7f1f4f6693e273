package io.tollgate.contract;

import java.util.List;
import java.util.Objects;

/**
 * Monotonic totals from one source since it started. The receiver keeps the greatest total per
 * (source, incarnation, tenant, meter, hour), so that sending twice, late or out of order changes
 * nothing. The agent posts this to the proxy's letterbox, the proxy posts its own, and those it
 * relays, to the control plane.
 *
 * @param format {@link #FORMAT}
 * @param source the counting program's configured name
 * @param incarnation a random id drawn at each start whose counters begin at zero
 * @param sequence rises with each message of the incarnation, from 1; gaps show loss
 * @param totals the counters that changed since the last acknowledged message, at least
 */
public record UsageTotals(
    int format, String source, String incarnation, long sequence, List<UsageTotal> totals) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  public UsageTotals {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(incarnation, "incarnation");
    totals = List.copyOf(totals);
  }
}
