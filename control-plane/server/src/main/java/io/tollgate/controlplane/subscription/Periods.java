package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Policies.Alignment;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
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

  /** The rule where a trial ends at another instant: a day that was asked for stays. */
  static Recurrence beginning(
      Recurrence rule, Cycle cycle, Alignment alignment, Instant before, Instant after) {
    return rule.equals(rule(before, cycle, alignment, rule.zone()))
        ? rule(after, cycle, alignment, rule.zone())
        : rule;
  }

  /** Whether a rule is the calendar's, as the policy has it. */
  static boolean follows(Recurrence rule, Cycle cycle, Alignment alignment) {
    return alignment == Alignment.CALENDAR
        && rule.equals(rule(rule.anchor(), cycle, alignment, rule.zone()));
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

  /**
   * By how much local time a pause moves its period's end. Where days are counted, a pause is the
   * days from the one it begins in up to the one it ends in, as any other stretch of a period, so
   * that the days held before and after it are those of the full period. Only a pause out of the
   * period's last hours is exact, because these hours must lie after it.
   */
  static Duration pause(
      Policies.Proration rule, Instant since, Instant now, Instant end, ZoneId zone) {
    LocalDateTime from = LocalDateTime.ofInstant(since, zone);
    LocalDateTime to = LocalDateTime.ofInstant(now, zone);
    Duration exact = Duration.between(from, to);
    return switch (rule) {
      case SECONDS, NONE -> exact;
      case DAYS, THIRTY_DAY_MONTH -> {
        Duration days =
            Duration.ofDays(ChronoUnit.DAYS.between(from.toLocalDate(), to.toLocalDate()));
        yield plus(end, days, zone).isAfter(now) ? days : exact;
      }
    };
  }

  /** So much local time later. */
  static Instant plus(Instant instant, Duration local, ZoneId zone) {
    return LocalDateTime.ofInstant(instant, zone).plus(local).atZone(zone).toInstant();
  }
}
