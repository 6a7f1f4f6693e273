package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;

/**
 * How much of a period a part of it is, by a catalog's rule in a billing zone. Pure.
 *
 * <p>Every rule is the difference of a position at the part's two ends, so that parts that follow
 * each other always add up to the whole, whatever daylight saving time does in between.
 *
 * @param rule how parts are measured
 * @param zone the billing zone, in which days are counted
 */
public record Proration(Policies.Proration rule, ZoneId zone) {
  /**
   * As a catalog's rule divides the periods of a cycle: months of thirty days divide months and
   * years, not weeks and days, which are counted as they are.
   */
  static Proration of(Policies.Proration rule, Cycle cycle, ZoneId zone) {
    boolean inDays =
        switch (cycle.unit()) {
          case HOUR, DAY, WEEK -> true;
          case MONTH, YEAR -> false;
        };
    return new Proration(
        inDays && rule == Policies.Proration.THIRTY_DAY_MONTH ? Policies.Proration.DAYS : rule,
        zone);
  }

  /**
   * The share of what is left of a period from an instant on; that instant's day belongs to it.
   *
   * @param at inside the period or at one of its ends
   */
  public Share rest(Instant at, Period whole) {
    return share(at, whole.end(), whole);
  }

  /** The share of {@code [from, to)} in a period it lies in. Parts outside do not count. */
  public Share share(Instant from, Instant to, Period whole) {
    Instant start = from.isBefore(whole.start()) ? whole.start() : from;
    Instant end = to.isAfter(whole.end()) ? whole.end() : to;
    if (!start.isBefore(end)) {
      return Share.NOTHING;
    }
    long all = length(whole, whole);
    if (rule == Policies.Proration.NONE || all <= 0) {
      return Share.ALL;
    }
    return new Share(length(new Period(start, end), whole), all);
  }

  /** The length of a part, wherever it lies, as a share of a whole; at most all of it. */
  Share of(Period part, Period whole) {
    long all = length(whole, whole);
    long some = length(part, whole);
    return all <= 0 ? Share.ALL : new Share(Math.min(some, all), all);
  }

  /**
   * Splits an amount over the parts between the cuts of a period. The parts add up to the amount
   * exactly: each is the difference of two rounded running totals.
   *
   * @param cuts rising instants inside the period
   */
  public List<Money> split(Money amount, Period whole, List<Instant> cuts) {
    List<Money> parts = new ArrayList<>();
    Money before = Money.zero(amount.getCurrencyUnit());
    for (Instant cut : cuts) {
      Money upTo = share(whole.start(), cut, whole).of(amount);
      parts.add(upTo.minus(before));
      before = upTo;
    }
    parts.add(amount.minus(before));
    return parts;
  }

  /** What a share of it is counted in, for a line's text. */
  String unit() {
    return switch (rule) {
      case DAYS, THIRTY_DAY_MONTH -> "days";
      case SECONDS -> "seconds";
      case NONE -> "periods";
    };
  }

  private long length(Period part, Period whole) {
    return switch (rule) {
      case DAYS, NONE -> day(part.end()).toEpochDay() - day(part.start()).toEpochDay();
      case SECONDS -> part.end().getEpochSecond() - part.start().getEpochSecond();
      case THIRTY_DAY_MONTH -> {
        ThirtyDayMonths months = new ThirtyDayMonths(day(whole.start()), day(whole.end()));
        yield months.position(day(part.end())) - months.position(day(part.start()));
      }
    };
  }

  private LocalDate day(Instant instant) {
    return LocalDate.ofInstant(instant, zone);
  }

  /**
   * Days in months of thirty, in which the 31st counts as the 30th. A period from month's end to
   * month's end is counted from the days after, which are the first ones of their months; of one
   * that is clamped at one end (30 January to 28 February), that end counts as the day it stands
   * for. So every month has thirty, whatever day the period begins on.
   */
  private record ThirtyDayMonths(LocalDate start, LocalDate end) {
    long position(LocalDate date) {
      boolean monthEnds = isLast(start) && isLast(end);
      LocalDate counted = monthEnds ? date.plusDays(1) : date;
      boolean clamped = !monthEnds && isLast(date) && (date.equals(start) || date.equals(end));
      int day =
          clamped ? Math.max(start.getDayOfMonth(), end.getDayOfMonth()) : counted.getDayOfMonth();
      return counted.getYear() * 360L + counted.getMonthValue() * 30L + Math.min(day, 30);
    }

    private static boolean isLast(LocalDate date) {
      return date.getDayOfMonth() == date.lengthOfMonth();
    }
  }
}
