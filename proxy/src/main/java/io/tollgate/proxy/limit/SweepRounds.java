package io.tollgate.proxy.limit;

import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sweeps all tenants in rounds of 500 ms, each round in small pieces, so that calls on the same
 * processor wait for none of them. Used by one thread.
 */
final class SweepRounds {
  private static final long ROUND_NANOS = 500_000_000L;
  private static final int MOST_ROUNDS = 4;

  private final ConcurrentHashMap<String, TenantEscrow> tenants;
  private final int roundsBetween;
  private Iterator<TenantEscrow> sweeping = Collections.emptyIterator();
  private int piece;
  private int round;
  private long roundAt;

  /**
   * Rounds over these tenants.
   *
   * @param leaseNanos how long a lease lives: those without permits are swept every fifth of it
   */
  SweepRounds(ConcurrentHashMap<String, TenantEscrow> tenants, long leaseNanos) {
    this.tenants = tenants;
    this.roundsBetween = Math.clamp(leaseNanos / 5 / ROUND_NANOS, 1, MOST_ROUNDS);
  }

  /**
   * Begins the next round if it is time for it.
   *
   * @param pieces how many make up a round
   */
  boolean begins(long now, int pieces) {
    if (sweeping.hasNext() || (now - roundAt < ROUND_NANOS && roundAt != 0)) {
      return false; // not all were seen yet, or all were already
    }
    roundAt = now;
    round++;
    sweeping = tenants.values().iterator();
    piece = tenants.size() / pieces + 1;
    return true;
  }

  /** Sweeps the next piece. */
  void goOn(long now) {
    for (int i = 0; i < piece && sweeping.hasNext(); i++) {
      TenantEscrow escrow = sweeping.next();
      if (escrow.isDue(round, roundsBetween) && escrow.sweep(now)) {
        tenants.remove(escrow.tenant(), escrow);
      }
    }
  }
}
