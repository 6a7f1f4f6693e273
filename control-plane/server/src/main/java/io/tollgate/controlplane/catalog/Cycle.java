package io.tollgate.controlplane.catalog;

import io.tollgate.contract.Recurrence.Unit;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a billing period is. Immutable.
 *
 * @param unit days to years; hours are no billing cycle
 * @param count units a period, 1 to 1000
 */
public record Cycle(Unit unit, int count) implements Comparable<Cycle> {
  /** One month (document 002). */
  public static final Cycle MONTHLY = new Cycle(Unit.MONTH, 1);

  /** One year (document 002). */
  public static final Cycle YEARLY = new Cycle(Unit.YEAR, 1);

  /** What {@link #parse} understands, for messages. */
  public static final String ALLOWED =
      "daily, weekly, monthly, quarterly, half-yearly, yearly, or a number with days, weeks, months"
          + " or years, such as 45-days";

  private static final Map<String, Cycle> NAMES =
      Map.of(
          "daily", new Cycle(Unit.DAY, 1),
          "weekly", new Cycle(Unit.WEEK, 1),
          "monthly", MONTHLY,
          "quarterly", new Cycle(Unit.MONTH, 3),
          "half-yearly", new Cycle(Unit.MONTH, 6),
          "yearly", YEARLY);

  private static final Pattern COUNTED =
      Pattern.compile("([1-9][0-9]{0,2})-(day|week|month|year)s?");

  public Cycle {
    Objects.requireNonNull(unit, "unit");
    if (unit == Unit.HOUR) {
      throw new IllegalArgumentException("cycle: days, weeks, months or years, not hours");
    }
    if (count < 1 || count > 1000) {
      throw new IllegalArgumentException("cycle: 1 to 1000 units, not " + count);
    }
  }

  /** Reads what {@link #toString} writes; empty where the text is none of {@link #ALLOWED}. */
  public static Optional<Cycle> parse(String text) {
    Cycle named = NAMES.get(text);
    if (named != null) {
      return Optional.of(named);
    }
    Matcher matcher = COUNTED.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Cycle(
                Unit.valueOf(matcher.group(2).toUpperCase(Locale.ROOT)),
                Integer.parseInt(matcher.group(1))))
        : Optional.empty();
  }

  /** Length in days of a nominal calendar: 30.4375 days a month, scaled by 10,000. */
  private long nominalLength() {
    long unitLength =
        switch (unit) {
          case HOUR -> 10_000 / 24;
          case DAY -> 10_000;
          case WEEK -> 70_000;
          case MONTH -> 304_375;
          case YEAR -> 3_652_500;
        };
    return unitLength * count;
  }

  /** How often {@code shorter} fits into this cycle exactly; empty where it does not. */
  public Optional<Integer> multipleOf(Cycle shorter) {
    int mine = months() == 0 ? days() : months();
    int theirs = months() == 0 ? shorter.days() : shorter.months();
    return theirs > 0 && mine % theirs == 0 ? Optional.of(mine / theirs) : Optional.empty();
  }

  private int months() {
    return switch (unit) {
      case HOUR, DAY, WEEK -> 0;
      case MONTH -> count;
      case YEAR -> count * 12;
    };
  }

  private int days() {
    return switch (unit) {
      case HOUR, MONTH, YEAR -> 0;
      case DAY -> count;
      case WEEK -> count * 7;
    };
  }

  /**
   * How many of this cycle's periods make a year, scaled by nothing: 12 for monthly, 1 for yearly.
   * For yearly figures only; billing never uses it.
   */
  public BigDecimal perYear() {
    return BigDecimal.valueOf(3_652_500)
        .divide(BigDecimal.valueOf(nominalLength()), 10, RoundingMode.HALF_UP)
        .stripTrailingZeros();
  }

  /** Orders cycles by nominal length; equal lengths in different units compare as equal. */
  @Override
  public int compareTo(Cycle other) {
    return Long.compare(nominalLength(), other.nominalLength());
  }

  /** The cycle as catalogs and the API write it, such as {@code monthly} or {@code 45-days}. */
  @Override
  public String toString() {
    for (Map.Entry<String, Cycle> entry : NAMES.entrySet()) {
      if (entry.getValue().equals(this)) {
        return entry.getKey();
      }
    }
    return count + "-" + unit.name().toLowerCase(Locale.ROOT) + (count == 1 ? "" : "s");
  }
}
