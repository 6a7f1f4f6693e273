package io.tollgate.proxy.limit.cell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** A bucket in integers, whatever is done to it. */
class BucketTest {

  @Property
  void level_neverPassesTheBurst_norFallsBelowADebt(
      @ForAll @LongRange(min = 1, max = 1_000_000) long amount,
      @ForAll @LongRange(min = 1, max = 86_400_000) long perMillis,
      @ForAll @LongRange(min = 1, max = 1_000_000_000_000L) long burst,
      @ForAll @Size(max = 50) List<@IntRange(min = -1_000_000, max = 1_000_000) Integer> steps) {
    Bucket bucket = Bucket.full(definition(amount, perMillis, burst), 0);
    long now = 0;
    for (int step : steps) {
      now += Math.abs(step) % 1_000;
      bucket.refill(now, 0);
      if (step < 0) {
        bucket.take(-step);
      } else {
        bucket.giveBack(step, 0);
      }
      long size = definition(amount, perMillis, burst).burst();
      assertThat(bucket.units()).isBetween(-size, size);
    }
  }

  @Property
  void admitted_isNeverMoreThanBurstAndRefill_inAnyStretch(
      @ForAll @LongRange(min = 1, max = 1_000) long amount,
      @ForAll @LongRange(min = 1_000, max = 60_000) long perMillis,
      @ForAll @LongRange(min = 1, max = 500) long burst,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 3_000) Integer> waits) {
    Bucket bucket = Bucket.full(definition(amount, perMillis, burst), 0);
    long now = 0;
    long[] at = new long[waits.size()];
    int admitted = 0;
    for (int wait : waits) {
      now += wait % 97 == 0 ? wait : wait % 7;
      bucket.refill(now, 0);
      if (bucket.units() >= 1) {
        bucket.take(1);
        at[admitted++] = now;
      }
    }
    for (int first = 0; first < admitted; first++) {
      for (int last = first; last < admitted; last++) {
        long refill = (at[last] - at[first]) * amount;
        assertThat((last - first + 1 - burst) * perMillis).isLessThanOrEqualTo(refill);
      }
    }
  }

  @Property
  void refill_inOneGoOrStepByStep_isTheSame(
      @ForAll @LongRange(min = 1, max = 10_000) long amount,
      @ForAll @LongRange(min = 1, max = 86_400_000) long perMillis,
      @ForAll @Size(max = 30) List<@IntRange(min = 0, max = 5_000) Integer> waits) {
    Bucket steps = Bucket.full(definition(amount, perMillis, 1_000), 0);
    Bucket once = Bucket.full(definition(amount, perMillis, 1_000), 0);
    steps.take(1_000);
    once.take(1_000);
    long now = 0;
    for (int wait : waits) {
      now += wait;
      steps.refill(now, 0);
    }
    once.refill(now, 0);
    assertThat(steps.level()).isEqualTo(once.level());
  }

  @Property
  void millisUntil_isTheFirstMomentAtWhichTheUnitsAreThere(
      @ForAll @LongRange(min = 1, max = 10_000) long amount,
      @ForAll @LongRange(min = 1, max = 86_400_000) long perMillis,
      @ForAll @LongRange(min = 1, max = 1_000) long units) {
    Bucket bucket = Bucket.full(definition(amount, perMillis, 1_000), 0);
    bucket.take(1_000);
    long millis = bucket.millisUntil(units);
    bucket.refill(millis - 1, 0);
    assertThat(bucket.units()).isLessThan(units);
    bucket.refill(millis, 0);
    assertThat(bucket.units()).isGreaterThanOrEqualTo(units);
  }

  @Property
  void redefinition_keepsWhatWasUsed(
      @ForAll @LongRange(min = 1, max = 1_000) long burst,
      @ForAll @LongRange(min = 1, max = 1_000) long next,
      @ForAll @LongRange(min = 0, max = 1_000) long used) {
    long taken = Math.min(used, burst);
    Bucket bucket = Bucket.full(definition(1, 1_000, burst), 0);
    bucket.take(taken);
    Bucket redefined = bucket.under(definition(1, 60_000, next));
    assertThat(redefined.units()).isEqualTo(Math.max(-next, next - taken));
  }

  private static LimitDefinition definition(long amount, long perMillis, long burst) {
    return new LimitDefinition(
        "r",
        Kind.RATE,
        amount,
        burst,
        perMillis,
        null,
        LimitDefinition.LIVE,
        false,
        0,
        0,
        List.of(),
        0,
        false,
        false);
  }
}
