package io.tollgate.proxy.limit;

/**
 * What an admitted call took, and how it is given back. Exactly one of {@link #keep}, {@link
 * #waive} and {@link #refund} ends it; later calls of any do nothing, so an exchange that ends
 * twice is harmless. Used by one thread at a time.
 */
public interface Ticket {
  /**
   * Replaces the estimate taken for a meter by the truth. Less than was taken goes back; more is
   * taken, also where that leaves the limit short, because the units were used.
   *
   * @param meter the meter
   * @param units used so far by this call, at least 0
   * @return whether every limit on the meter covered it from what this node holds; false is the
   *     moment to look at {@link Verdict#withdraw}
   */
  boolean settle(String meter, long units);

  /** The call ended and counts: what it took stays taken, its permits return. */
  void keep();

  /**
   * The call ended and is not billed: quotas get their units back, permits return; rates keep
   * theirs, since the upstream did the work.
   */
  void waive();

  /** The call ended and does not count (the upstream failed): units and permits return. */
  void refund();
}
