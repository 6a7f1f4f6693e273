package io.tollgate.contract;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * Periods that follow each other without gap or overlap from an anchor: period k runs from anchor +
 * k units to anchor + (k + 1) units, each computed from the anchor itself and clamped to the
 * month's end (31 January, 28 February, 31 March), never chained from the period before.
 *
 * <p>Days and longer units are local: a day starts at the anchor's wall-clock time in {@code zone},
 * also across a change of daylight saving time. Hours are exact.
 *
 * @param anchor start of period 0
 * @param unit the length's unit
 * @param count units per period, 1 to 1000
 * @param zone the zone in which local days are counted
 */
public record Recurrence(Instant anchor, Unit unit, int count, ZoneId zone) {
  /** What a period is counted in. */
  public enum Unit {
    HOUR(ChronoUnit.HOURS),
    DAY(ChronoUnit.DAYS),
    WEEK(ChronoUnit.WEEKS),
    MONTH(ChronoUnit.MONTHS),
    YEAR(ChronoUnit.YEARS);

    private final ChronoUnit chrono;

    Unit(ChronoUnit chrono) {
      this.chrono = chrono;
    }
  }

  public Recurrence {
    Objects.requireNonNull(anchor, "anchor");
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(zone, "zone");
    if (count < 1 || count > 1000) {
      throw new IllegalArgumentException("count: 1 to 1000, not " + count);
    }
  }

  /**
   * Period k; negative k lies before the anchor. A day that a zone left out, as Samoa did 30
   * December 2011, is of no length: it is the same period as the one that follows it.
   */
  public Period period(long k) {
    Instant start = start(k);
    long next = k + 1;
    while (!start.isBefore(start(next))) {
      next++;
    }
    return new Period(start, start(next));
  }

  /** The number k of the period the instant lies in. */
  public long indexAt(Instant instant) {
    LocalDateTime from = LocalDateTime.ofInstant(anchor, zone);
    LocalDateTime to = LocalDateTime.ofInstant(instant, zone);
    long k = Math.floorDiv(unit.chrono.between(from, to), (long) count);
    while (instant.isBefore(start(k))) {
      k--;
    }
    while (!instant.isBefore(start(k + 1))) {
      k++;
    }
    return k;
  }

  /** The period the instant lies in. */
  public Period at(Instant instant) {
    return period(indexAt(instant));
  }

  /** Start of period k, which is the end of period k - 1. */
  public Instant start(long k) {
    long units = Math.multiplyExact(k, (long) count);
    if (unit == Unit.HOUR) {
      return anchor.plus(units, ChronoUnit.HOURS);
    }
    LocalDateTime local = LocalDateTime.ofInstant(anchor, zone).plus(units, unit.chrono);
    return k == 0 ? anchor : ZonedDateTime.of(local, zone).toInstant();
  }
}
