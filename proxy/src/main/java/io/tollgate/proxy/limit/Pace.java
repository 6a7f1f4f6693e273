package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.LimitDefinition;

/**
 * How fast this node uses a counter, and so how many units its next lease should have. Guarded by
 * the tenant's escrow.
 */
final class Pace {
  /** Most units leased ahead for slow callers. */
  private static final long FEW = 16;

  /** The same where they are a small part of what is left. */
  private static final long SOME = 256;

  /** There a lease covers so many times as much of a fast caller's time, and grows so fast. */
  private static final long AMPLE_TIMES = 5;

  private static final long AMPLE_GROWTH = 16;

  /** Units here after the cell was last asked. */
  private long stock;

  private long askedAt;
  private long lastGranted;

  /** Of those, what was wanted at any rate. */
  private long lastWanted;

  Pace(long now) {
    askedAt = now;
  }

  /**
   * What a node has and lacks when it asks.
   *
   * @param available units of its lease
   * @param open whether it has one
   * @param returned units of it that it does not spend but gives back
   * @param need units for calls that wait
   */
  record Present(long available, boolean open, long returned, long need) {
    boolean lacks(long stock) {
      return need > 0 || (open && 2 * available <= stock);
    }
  }

  /** Whether a lease is half spent, so that it would soon be asked about. */
  boolean isHalfSpent(long available) {
    return 2 * available <= stock;
  }

  /** How long the cell has not been asked. */
  long silentNanos(long now) {
    return now - askedAt;
  }

  /** The cell is asked now. */
  void asked(long available, long now) {
    askedAt = now;
    stock = available;
  }

  /** The cell granted; calls that wait take at once what they need of the lease's units. */
  void granted(long units, long granted, LeaseRequest.Item asked) {
    stock = Math.max(0, units - asked.need());
    lastGranted = granted;
    lastWanted = Math.max(1, Math.min(granted, asked.want()));
  }

  /** What this node will use in the time a lease shall last; grows at most fourfold at a time. */
  long want(Present present, long now, LimitSettings settings) {
    long need = present.need();
    if (lastGranted == 0 || !present.lacks(stock)) {
      // Nothing is known of how much is used here, or nothing is short.
      return need;
    }
    long spent = spent(present);
    long elapsed = elapsedMillis(now);
    long most = used(spent, settings.leaseFor().toMillis(), elapsed);
    // A slow caller's next few calls, as long as a lease lives: asking for each costs more.
    long few = Math.min(FEW, used(spent, settings.leaseTtl().toMillis() * 3 / 4, elapsed));
    // A lease that ran out says nothing of how much more would have been used while calls waited:
    // taken for slow, a busy tenant would get less and less from a cluster that is slow itself.
    boolean ranOut =
        need > 0 && present.available() == 0 && elapsed < settings.leaseTtl().toMillis();
    long atLeast = ranOut ? Math.max(few, lastWanted) : few;
    return Math.max(
        need, Math.min(Math.max(most, atLeast), 4 * Math.max(lastWanted, Math.max(need, 1))));
  }

  /** What it would use in the time of a lease that lasts. */
  long ample(Present present, long now, LimitSettings settings) {
    if (lastGranted == 0 || !present.lacks(stock)) {
      return present.need();
    }
    long spent = spent(present);
    long elapsed = elapsedMillis(now);
    long most = used(spent, AMPLE_TIMES * settings.leaseFor().toMillis(), elapsed);
    long lasting = settings.leaseTtl().toMillis() * LeaseRequest.LASTING;
    long some = Math.min(SOME, used(spent, lasting * 3 / 4, elapsed));
    long growth = AMPLE_GROWTH * Math.max(lastGranted, Math.max(present.need(), 1));
    return present.need() + Math.min(Math.max(most, some), growth);
  }

  private long spent(Present present) {
    return Math.max(0, stock - present.available() - present.returned()) + present.need();
  }

  private long elapsedMillis(long now) {
    return Math.max(1, silentNanos(now) / 1_000_000);
  }

  private static long used(long spent, long millis, long elapsed) {
    return Math.min(spent, LimitDefinition.MOST / millis) * millis / elapsed;
  }
}
