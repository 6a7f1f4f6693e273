package io.tollgate.proxy.limit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Units of one counter that this node may spend: the third level of the escrow. Spent by
 * compare-and-set, without a lock, a hop or an allocation. A lease is closed once, by whoever takes
 * out what is left; nothing can be spent from it or given back to it afterwards, so a unit is never
 * in two places. Thread-safe.
 */
final class Lease {
  private static final long CLOSED = Long.MIN_VALUE;

  private static final VarHandle AVAILABLE;

  static {
    try {
      AVAILABLE = MethodHandles.lookup().findVarHandle(Lease.class, "available", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The window its units belong to. */
  final long windowStart;

  /** When it is void, by the node's monotonic clock. */
  final long expiresAt;

  /** Whether its units are beyond the limit, by the limit's policy. */
  final boolean over;

  /** Below this it is time to ask for more, before calls have to wait. */
  final long lowWater;

  /**
   * Units may come back up to this: what the cell still takes for unspent here. A rate's cell
   * refills for the rest already, so more would be a burst too many.
   */
  private volatile long ceiling;

  /** Whether the cell was told what is left, and takes what was spent for gone. */
  private volatile boolean reported;

  /** Whether more was asked for; set once, racing is harmless. */
  volatile boolean asked;

  private volatile long available;

  Lease(long units, long expiresAt, long lowWater, long windowStart, boolean over) {
    this.available = units;
    this.ceiling = Long.MAX_VALUE;
    this.expiresAt = expiresAt;
    this.lowWater = lowWater;
    this.windowStart = windowStart;
    this.over = over;
  }

  private Lease() {
    available = CLOSED;
    expiresAt = Long.MIN_VALUE;
    lowWater = 0;
    windowStart = CounterCell.NO_WINDOW;
    over = false;
  }

  /** A lease of nothing. */
  static Lease none() {
    return new Lease();
  }

  /** Takes the units if there are so many: what is left then, else -1. */
  long take(long units) {
    long present = available;
    while (present >= units) {
      long left = present - units;
      if (AVAILABLE.compareAndSet(this, present, left)) {
        return left;
      }
      present = available;
    }
    return -1;
  }

  /** Takes the units, or as many as there are: how many it took. */
  long takeUpTo(long units) {
    long present = available;
    while (present > 0) {
      long taken = Math.min(present, units);
      if (AVAILABLE.compareAndSet(this, present, present - taken)) {
        return taken;
      }
      present = available;
    }
    return 0;
  }

  /** Gives units back; false when the lease does not take them. */
  boolean giveBack(long units) {
    long present = available;
    while (present != CLOSED && present + units <= ceiling) {
      if (AVAILABLE.compareAndSet(this, present, present + units)) {
        return true;
      }
      present = available;
    }
    return false;
  }

  /** Takes what is left and closes; 0 when it was closed before. */
  long close() {
    long left = (long) AVAILABLE.getAndSet(this, CLOSED);
    return left == CLOSED ? 0 : left;
  }

  /** The cell is told what is left, and takes no more than that for unspent from now on. */
  long report() {
    reported = true;
    ceiling = 0;
    long left = available();
    ceiling = left;
    return left;
  }

  /**
   * Units of a call that does not count come back to a bucket. Only while the cell has not heard of
   * the call: from then on it refills for it, and units that came back as well would be two for
   * one.
   */
  void refundToBucket(long units) {
    if (!reported) {
      var unused = giveBack(units);
    }
  }

  /** What the cell takes for unspent of this lease. */
  void ceiling(long units) {
    ceiling = units;
  }

  /** Units left. */
  long available() {
    long present = available;
    return present == CLOSED ? 0 : present;
  }

  boolean isOpen() {
    return available != CLOSED;
  }

  /** Whether the lease still holds at the node's time. */
  boolean holdsAt(long nanos) {
    return expiresAt - nanos > 0;
  }
}
