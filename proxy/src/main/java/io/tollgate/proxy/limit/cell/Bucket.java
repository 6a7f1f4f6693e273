package io.tollgate.proxy.limit.cell;

/**
 * A token bucket in integers. The level counts tokens times {@code perMillis}, so that a
 * millisecond's refill is exactly {@code amount} and nothing is lost to rounding.
 *
 * <p>Units that nodes hold of their leases still count as being in the bucket when it refills: in
 * no stretch of time, wherever it begins, do calls get more than burst + refill. Not thread-safe.
 */
public final class Bucket {
  private final LimitDefinition definition;
  private long level;
  private long refilledAt;

  Bucket(LimitDefinition definition, long level, long refilledAt) {
    this.definition = definition;
    this.level = level;
    this.refilledAt = refilledAt;
  }

  /**
   * A full bucket.
   *
   * @param now milliseconds by the clock that all later calls use
   */
  public static Bucket full(LimitDefinition definition, long now) {
    return new Bucket(definition, definition.burst() * definition.perMillis(), now);
  }

  long level() {
    return level;
  }

  long refilledAt() {
    return refilledAt;
  }

  /** Refills up to now; {@code outstanding} units are still with the nodes. */
  public void refill(long now, long outstanding) {
    long elapsed = now - refilledAt;
    if (elapsed <= 0) {
      return;
    }
    refilledAt = now;
    long top = Math.max(0, definition.burst() - outstanding) * definition.perMillis();
    long room = top - level;
    if (room > 0) {
      boolean fills = elapsed >= room / definition.amount() + 1;
      level = fills ? top : Math.min(top, level + elapsed * definition.amount());
    }
  }

  /** Whole units in the bucket; negative after a debt. */
  public long units() {
    return Math.floorDiv(level, definition.perMillis());
  }

  /** Takes units, also such as are not there, which is a debt. */
  public void take(long units) {
    long scaled =
        units > LimitDefinition.MOST / definition.perMillis()
            ? LimitDefinition.MOST
            : units * definition.perMillis();
    // A debt is worked off within one period's refill times the burst: deeper would be a ban.
    long floor = -definition.burst() * definition.perMillis();
    level = Math.max(floor, level - scaled);
  }

  /** Units come back; {@code outstanding} are still with the nodes. */
  void giveBack(long units, long outstanding) {
    long top = Math.max(0, definition.burst() - outstanding) * definition.perMillis();
    long room = Math.max(0, top - level);
    level += Math.min(room, Math.min(units, definition.burst()) * definition.perMillis());
  }

  /** Milliseconds of refill until {@code units} are there; 0 when they are. */
  long millisUntil(long units) {
    long missing = units * definition.perMillis() - level;
    return missing <= 0 ? 0 : (missing - 1) / definition.amount() + 1;
  }

  /** Milliseconds until the bucket is full. */
  long millisUntilFull() {
    return millisUntil(definition.burst());
  }

  /** What {@code millis} of refill bring, in whole units. */
  long refillOf(long millis) {
    long wholePeriods = millis / definition.perMillis();
    long rest = millis % definition.perMillis();
    return wholePeriods * definition.amount()
        + (rest > LimitDefinition.MOST / definition.amount()
            ? 0
            : rest * definition.amount() / definition.perMillis());
  }

  /** The same bucket under a new definition: what was used stays used. */
  Bucket under(LimitDefinition next) {
    long used = Math.max(0, definition.burst() - units());
    long left = Math.max(-next.burst(), next.burst() - used);
    return new Bucket(next, left * next.perMillis(), refilledAt);
  }
}
