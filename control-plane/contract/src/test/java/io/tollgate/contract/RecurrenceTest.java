package io.tollgate.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Recurrence.Unit;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneId;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class RecurrenceTest {
  private static final ZoneId UTC = ZoneId.of("UTC");

  @Test
  void start_monthEndAnchor_isClampedEachTimeFromTheAnchor() {
    Recurrence monthly = new Recurrence(Instant.parse("2026-01-31T00:00:00Z"), Unit.MONTH, 1, UTC);
    assertThat(monthly.start(1)).isEqualTo("2026-02-28T00:00:00Z");
    assertThat(monthly.start(2)).isEqualTo("2026-03-31T00:00:00Z");
    assertThat(monthly.start(3)).isEqualTo("2026-04-30T00:00:00Z");
  }

  @Test
  void start_acrossDaylightSaving_keepsTheLocalMidnight() {
    ZoneId newYork = ZoneId.of("America/New_York");
    Instant anchor = LocalDate.of(2026, 3, 1).atStartOfDay(newYork).toInstant();
    Recurrence daily = new Recurrence(anchor, Unit.DAY, 1, newYork);
    assertThat(LocalDateTime.ofInstant(daily.start(10), newYork))
        .isEqualTo(LocalDate.of(2026, 3, 11).atStartOfDay());
  }

  /** Wherever an instant lies, exactly one period holds it, and its neighbours touch it. */
  @Property
  void at_everyInstant_liesInExactlyOnePeriod(
      @ForAll Unit unit,
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll @LongRange(min = 0, max = 4_000_000_000L) long anchor,
      @ForAll @LongRange(min = 0, max = 4_000_000_000L) long instant,
      @ForAll @IntRange(min = 0, max = 3) int zone) {
    ZoneId[] zones = {
      UTC, ZoneId.of("Asia/Kolkata"), ZoneId.of("America/New_York"), ZoneId.of("Pacific/Apia")
    };
    Recurrence recurrence = new Recurrence(Instant.ofEpochSecond(anchor), unit, count, zones[zone]);
    Instant at = Instant.ofEpochSecond(instant);
    long k = recurrence.indexAt(at);
    assertThat(recurrence.period(k).contains(at)).isTrue();
    assertThat(recurrence.period(k).end()).isEqualTo(recurrence.period(k + 1).start());
    assertThat(recurrence.period(k).start()).isEqualTo(recurrence.period(k - 1).end());
  }

  /** However far from the anchor, a period begins on the anchor's day or on its month's last. */
  @Property
  void start_ofAnyPeriod_neverDriftsFromTheAnchor(
      @ForAll boolean years,
      @ForAll @IntRange(min = 1, max = 18) int count,
      @ForAll @IntRange(min = 0, max = 400) int k,
      @ForAll @IntRange(min = 0, max = 20_000) int anchorDay,
      @ForAll @IntRange(min = 0, max = 3) int zone) {
    ZoneId[] zones = {
      UTC, ZoneId.of("Asia/Kolkata"), ZoneId.of("America/New_York"), ZoneId.of("Europe/Berlin")
    };
    LocalDate anchor = LocalDate.EPOCH.plusDays(anchorDay);
    Recurrence recurrence =
        new Recurrence(
            anchor.atTime(12, 30).atZone(zones[zone]).toInstant(),
            years ? Unit.YEAR : Unit.MONTH,
            count,
            zones[zone]);
    LocalDateTime start = LocalDateTime.ofInstant(recurrence.start(k), zones[zone]);
    int months = k * count * (years ? 12 : 1);
    assertThat(YearMonth.from(start)).isEqualTo(YearMonth.from(anchor).plusMonths(months));
    assertThat(start.getDayOfMonth())
        .isEqualTo(Math.min(anchor.getDayOfMonth(), YearMonth.from(start).lengthOfMonth()));
    assertThat(start.toLocalTime()).isEqualTo(LocalTime.of(12, 30));
  }

  @Test
  void period_ofADayThatNeverWas_isTheNextOnes() {
    ZoneId apia = ZoneId.of("Pacific/Apia");
    Recurrence daily =
        new Recurrence(
            LocalDate.of(2011, 12, 28).atStartOfDay(apia).toInstant(), Unit.DAY, 1, apia);
    Instant lastOfYear = LocalDate.of(2011, 12, 31).atStartOfDay(apia).toInstant();
    assertThat(daily.period(1).end()).isEqualTo(lastOfYear);
    assertThat(daily.period(2)).isEqualTo(daily.period(3));
    assertThat(daily.period(2).start()).isEqualTo(lastOfYear);
    assertThat(daily.at(lastOfYear)).isEqualTo(daily.period(3));
  }
}
