package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.LeaseReply;
import java.util.concurrent.atomic.LongAdder;

/** What this node's escrow did since it started, as plain counters for the metrics. Thread-safe. */
public final class LimitFigures {
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder recalls = new LongAdder();
  private final LongAdder granted = new LongAdder();
  private final LongAdder over = new LongAdder();
  private final LongAdder refusals = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final LongAdder orders = new LongAdder();
  private final LongAdder alerts = new LongAdder();
  private final LongAdder blind = new LongAdder();
  private final LongAdder lapsed = new LongAdder();

  LimitFigures() {}

  void requested() {
    requests.increment();
  }

  void requestFailed() {
    failures.increment();
  }

  void recalled() {
    recalls.increment();
  }

  void granted(LeaseReply.Grant grant) {
    granted.add(grant.granted());
    if (grant.over()) {
      over.add(grant.granted());
    }
    if (grant.refused()) {
      refusals.increment();
    }
  }

  void waited() {
    waits.increment();
  }

  void ordered() {
    orders.increment();
  }

  void alerted() {
    alerts.increment();
  }

  void wentBlind() {
    blind.increment();
  }

  void lapsed() {
    lapsed.increment();
  }

  /** Operations on the cluster, repetitions included. */
  public long requests() {
    return requests.sum();
  }

  /** Operations that failed or were not answered in time. */
  public long failures() {
    return failures.sum();
  }

  /** Recalls of other nodes' leases. */
  public long recalls() {
    return recalls.sum();
  }

  /** Units leased to this node. */
  public long granted() {
    return granted.sum();
  }

  /** Units of those beyond their limit, by its policy. */
  public long over() {
    return over.sum();
  }

  /** Times a cell had less than was needed. */
  public long refusals() {
    return refusals.sum();
  }

  /** Calls that had to wait for the cluster. */
  public long waits() {
    return waits.sum();
  }

  /** Blocks ordered from the root of a quota. */
  public long orders() {
    return orders.sum();
  }

  /** Alerts announced by this node. */
  public long alerts() {
    return alerts.sum();
  }

  /** Permits of calls that neither ran nor ended, taken back when their time was over. */
  public long lapsedPermits() {
    return lapsed.sum();
  }

  /** Calls decided by policy because the cluster did not answer. */
  public long decidedBlind() {
    return blind.sum();
  }
}
