package io.tollgate.proxy.limit;

/**
 * How long a cell's refusal is good for, and when other nodes' leases are worth recalling before
 * it. Asked without a lock; changed by the holder of the tenant's monitor.
 */
final class Refusal {
  /** A recall may follow another after so long; later where they bring nothing. */
  private static final long RECALL_NANOS = 100_000_000L;

  private static final long RECALL_LONGEST_NANOS = 1_600_000_000L;

  /** What is refilled sooner is not worth a recall. */
  private static final long RECALL_WORTH_NANOS = 45_000_000L;

  private volatile boolean refused;
  private volatile long until;
  private volatile long from;

  private volatile long elsewhere;
  private volatile long recallAfter;
  private long recallPause = RECALL_NANOS;

  Refusal(long now) {
    this.recallAfter = now;
  }

  /** Whether asking for so many units is known to be in vain for now. */
  boolean refuses(long units, long now) {
    return refused && units >= from && until - now > 0;
  }

  /** Asking for so many units, or more, is in vain for so long. */
  void refuse(long fromUnits, long untilNanos) {
    until = untilNanos;
    from = fromUnits;
    refused = true;
  }

  /** Asking is not known to be in vain. */
  void lift() {
    refused = false;
  }

  /**
   * Units other nodes hold, by the cell.
   *
   * @param lasts whether they stay there until they are used: where there are some again, a recall
   *     is worth it at once
   */
  void elsewhere(long units, boolean lasts, long now) {
    if (lasts && elsewhere == 0 && units > 0) {
      recallPause = RECALL_NANOS;
      recallAfter = now;
    }
    elsewhere = units;
  }

  /** Whether other nodes hold none. */
  boolean isNothingElsewhere() {
    return elsewhere == 0;
  }

  /**
   * Units were granted: a recall is worth trying again.
   *
   * @param soon whether at once
   */
  void granted(boolean soon, long now) {
    recallPause = RECALL_NANOS;
    recallAfter = soon ? now : recallAfter;
  }

  /**
   * Whether other nodes hold units that would serve these calls, and it is time to ask for them.
   *
   * @param refills whether units come by themselves when the refusal ends; permits come back when
   *     calls end, which nobody foresees: a recall gets those that lie idle
   */
  boolean mayRecall(boolean refills, long now) {
    boolean comesByItself = refills && until - now < RECALL_WORTH_NANOS;
    return refused && elsewhere > 0 && !comesByItself && now - recallAfter >= 0;
  }

  /** A recall is under way: the refusal is open again, and the next recall is not soon. */
  void recalling(long now) {
    refused = false;
    recallAfter = now + recallPause;
    recallPause = Math.min(RECALL_LONGEST_NANOS, 2 * recallPause);
  }
}
