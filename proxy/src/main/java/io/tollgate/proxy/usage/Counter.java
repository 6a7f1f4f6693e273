package io.tollgate.proxy.usage;

import io.tollgate.proxy.meter.Tally;

/**
 * A tenant's meter, ready to count: resolved once, then an atomic addition per call. Thread-safe;
 * several for the same meter count into the same records.
 */
public final class Counter implements Tally.OfMeter {
  private final Journal journal;
  private final String tenant;
  private final String meter;
  private volatile Slot slot;

  Counter(Journal journal, String tenant, String meter, Slot slot) {
    this.journal = journal;
    this.tenant = tenant;
    this.meter = meter;
    this.slot = slot;
  }

  /**
   * Adds units in the present hour. No allocation or I/O but once an hour, no lock but for the
   * first units after a message has gone out.
   *
   * @param units 0 to {@link Journal#MOST_UNITS}; anything else is counted as invalid and dropped
   */
  @Override
  public void add(long units) {
    if (units <= 0 || units > Journal.MOST_UNITS) {
      journal.invalid(units);
      return;
    }
    Slot present = slot;
    long now = journal.now();
    // The journal's hour never goes back, so that a sealed hour is never counted into again.
    while (present.hour() != journal.hour(now) || !present.add(units)) {
      present = journal.roll(tenant, meter, now);
      slot = present;
    }
    journal.changed(present, now);
  }

  @Override
  public long fetch() {
    return slot.total();
  }

  String meter() {
    return meter;
  }

  boolean isIdle() {
    return slot.isSealed();
  }
}
