package io.tollgate.proxy.limit.cell;

import java.util.concurrent.atomic.LongAdder;

/**
 * The books of all cells a member has worked on since it started, summed up over units of all
 * meters. {@code granted = settled + returned + forfeited + outstanding}: over the members of a
 * cluster always, on one of them as long as no cell moved to it or away. Thread-safe.
 */
public final class CellFigures {
  private final LongAdder granted = new LongAdder();
  private final LongAdder settled = new LongAdder();
  private final LongAdder returned = new LongAdder();
  private final LongAdder forfeited = new LongAdder();
  private final LongAdder outstanding = new LongAdder();

  /** What one request moved. */
  static final class Flow {
    private long granted;
    private long settled;
    private long returned;
    private long forfeited;
    private long outstanding;

    /** A node's holding became another. */
    void moved(Holding from, Holding to) {
      granted += to.granted() - from.granted();
      settled += to.settled() - from.settled();
      returned += to.returned() - from.returned();
      forfeited += to.forfeited() - from.forfeited();
      outstanding += to.outstanding() - from.outstanding();
    }

    /** The window is over: what is out of it cannot be spent any more. */
    void ended(Holding holding) {
      forfeited += holding.outstanding();
      outstanding -= holding.outstanding();
    }
  }

  /** Adds what a request moved. */
  void add(Flow flow) {
    granted.add(flow.granted);
    settled.add(flow.settled);
    returned.add(flow.returned);
    forfeited.add(flow.forfeited);
    outstanding.add(flow.outstanding);
  }

  /** Units leased to nodes. */
  public long granted() {
    return granted.sum();
  }

  /** Units nodes have spent. */
  public long settled() {
    return settled.sum();
  }

  /** Units nodes gave back. */
  public long returned() {
    return returned.sum();
  }

  /** Units of leases that ran out unreported, or out of a window that ended. */
  public long forfeited() {
    return forfeited.sum();
  }

  /** Units nodes may still spend. */
  public long outstanding() {
    return outstanding.sum();
  }
}
