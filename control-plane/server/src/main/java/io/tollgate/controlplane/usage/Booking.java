package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** At which instant units are booked, and into which row. Pure. */
final class Booking {
  /** PostgreSQL keeps microseconds. */
  private static final ChronoUnit TICK = ChronoUnit.MICROS;

  private Booking() {}

  /**
   * When units of a counter's hour that arrive now were used, as nearly as can be told: now, within
   * that hour.
   */
  static Instant arrival(Instant hour, Instant now) {
    Instant last = hour.plus(1, ChronoUnit.HOURS).minus(1, TICK);
    return now.isBefore(hour) ? hour : now.isAfter(last) ? last : now.truncatedTo(TICK);
  }

  /**
   * The start of the row for units used at an instant: its hour, or the last period's start in that
   * hour, but not before what is billed already.
   *
   * @param at when the units were used
   * @param starts when periods of the tenant begin, in any order
   * @param billed until when the tenant's usage is billed
   */
  static Instant row(Instant at, List<Instant> starts, Instant billed) {
    Instant effective = at.isBefore(billed) ? billed : at;
    Instant row = effective.truncatedTo(ChronoUnit.HOURS);
    if (row.isBefore(billed)) {
      row = billed;
    }
    for (Instant start : starts) {
      if (start.isAfter(row) && !start.isAfter(effective)) {
        row = start;
      }
    }
    return row;
  }

  /** The first instant behind what is booked at one. */
  static Instant after(Instant at) {
    return at.truncatedTo(TICK).plus(1, TICK);
  }

  /** The whole hours that hold all these instants. */
  static Period hours(Instant first, Instant last) {
    return new Period(
        first.truncatedTo(ChronoUnit.HOURS),
        last.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS));
  }
}
