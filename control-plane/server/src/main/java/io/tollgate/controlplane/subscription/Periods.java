package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.Alignment;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/** Where periods begin and end. Pure. */
final class Periods {
  private Periods() {}

  /** The rule of a subscription whose first period begins at {@code start}. */
  static Recurrence rule(Instant start, Cycle cycle, Alignment alignment, ZoneId zone) {
    Instant anchor =
        switch (alignment) {
          case ANNIVERSARY -> start;
          case CALENDAR ->
              boundary(LocalDate.ofInstant(start, zone), cycle).atStartOfDay(zone).toInstant();
        };
    return new Recurrence(anchor, cycle.unit(), cycle.count(), zone);
  }

  /** The first period: from the start to the rule's next boundary. */
  static Period first(Recurrence rule, Instant start) {
    return new Period(start, rule.at(start).end());
  }

  private static LocalDate boundary(LocalDate day, Cycle cycle) {
    return switch (cycle.unit()) {
      case HOUR, DAY -> day;
      case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case MONTH -> 12 % cycle.count() == 0 ? day.withDayOfYear(1) : day.withDayOfMonth(1);
      case YEAR -> day.withDayOfYear(1);
    };
  }

  /** So many local days later, at the same time of day. */
  static Instant plusDays(Instant instant, int days, ZoneId zone) {
    return instant.atZone(zone).plusDays(days).toInstant();
  }

  /** An end moved by the local time between two instants: a pause. */
  static Instant shifted(Instant end, Instant from, Instant to, ZoneId zone) {
    Duration pause =
        Duration.between(LocalDateTime.ofInstant(from, zone), LocalDateTime.ofInstant(to, zone));
    return LocalDateTime.ofInstant(end, zone).plus(pause).atZone(zone).toInstant();
  }
}
