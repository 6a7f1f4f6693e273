package io.tollgate.controlplane.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Recurrence.Unit;
import io.tollgate.controlplane.catalog.Policies;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

class ProrationTest {
  private static final ZoneId KOLKATA = ZoneId.of("Asia/Kolkata");
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final CurrencyUnit INR = CurrencyUnit.of("INR");

  @Test
  void rest_changeOnTheEleventhOfThirtyOneDays_isTwentyOneDays() {
    Period march = month("2026-03-01", KOLKATA);
    Instant eleventh = LocalDate.of(2026, 3, 11).atTime(15, 0).atZone(KOLKATA).toInstant();
    assertThat(days(KOLKATA).rest(eleventh, march)).isEqualTo(new Share(21, 31));
  }

  @Test
  void rest_acrossDaylightSaving_countsCalendarDays() {
    Period march = month("2026-03-01", NEW_YORK);
    Instant tenth = LocalDate.of(2026, 3, 10).atStartOfDay(NEW_YORK).toInstant();
    assertThat(days(NEW_YORK).rest(tenth, march)).isEqualTo(new Share(22, 31));
  }

  @Test
  void share_thirtyDayMonth_ofFebruary_isOfThirty() {
    Proration rule = new Proration(Policies.Proration.THIRTY_DAY_MONTH, KOLKATA);
    Period february = month("2026-02-01", KOLKATA);
    Instant sixteenth = LocalDate.of(2026, 2, 16).atStartOfDay(KOLKATA).toInstant();
    assertThat(rule.rest(sixteenth, february)).isEqualTo(new Share(15, 30));
  }

  @Test
  void share_seconds_isExact() {
    Proration rule = new Proration(Policies.Proration.SECONDS, KOLKATA);
    Period march = month("2026-03-01", KOLKATA);
    assertThat(rule.rest(march.end().minusSeconds(1), march))
        .isEqualTo(new Share(1, 31L * 24 * 3600));
  }

  /** Whatever the cuts, the rule and the zone: the parts of a price are the price. */
  @Property
  void split_anyCuts_conservesTheAmount(
      @ForAll Policies.Proration rule,
      @ForAll @BigRange(min = "0", max = "100000") @Scale(2) BigDecimal amount,
      @ForAll @LongRange(min = 0, max = 200_000_000) long anchorSeconds,
      @ForAll @IntRange(min = 1, max = 12) int months,
      @ForAll @IntRange(min = 0, max = 99) int first,
      @ForAll @IntRange(min = 0, max = 99) int second) {
    Period whole =
        new Recurrence(
                Instant.parse("2024-01-31T12:34:56Z").plusSeconds(anchorSeconds),
                Unit.MONTH,
                months,
                NEW_YORK)
            .period(1);
    Instant one = at(whole, Math.min(first, second));
    Instant two = at(whole, Math.max(first, second));
    List<Money> parts =
        new Proration(rule, NEW_YORK).split(Money.of(INR, amount), whole, List.of(one, two));
    assertThat(Money.total(parts)).isEqualTo(Money.of(INR, amount));
    assertThat(parts).allMatch(part -> !part.isNegative());
  }

  /** What is used and what is left add up to the period. */
  @Property
  void share_usedAndRest_areTheWhole(
      @ForAll @LongRange(min = 0, max = 200_000_000) long anchorSeconds,
      @ForAll @IntRange(min = 0, max = 99) int cut) {
    Period whole =
        new Recurrence(
                Instant.parse("2024-01-31T12:34:56Z").plusSeconds(anchorSeconds),
                Unit.MONTH,
                1,
                NEW_YORK)
            .period(0);
    Instant at = at(whole, cut);
    Share used = days(NEW_YORK).share(whole.start(), at, whole);
    Share rest = days(NEW_YORK).rest(at, whole);
    long all = Math.max(used.whole(), rest.whole());
    assertThat(used.part() + rest.part()).isEqualTo(all);
  }

  private static Instant at(Period period, int percent) {
    Duration length = Duration.between(period.start(), period.end());
    return period.start().plus(length.multipliedBy(percent).dividedBy(100));
  }

  private static Proration days(ZoneId zone) {
    return new Proration(Policies.Proration.DAYS, zone);
  }

  private static Period month(String first, ZoneId zone) {
    Instant anchor = LocalDate.parse(first).atStartOfDay(zone).toInstant();
    return new Recurrence(anchor, Unit.MONTH, 1, zone).period(0);
  }
}
