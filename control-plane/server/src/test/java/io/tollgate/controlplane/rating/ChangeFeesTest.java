package io.tollgate.controlplane.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

class ChangeFeesTest {
  private static final Period APRIL =
      new Period(Instant.parse("2026-04-01T00:00:00Z"), Instant.parse("2026-05-01T00:00:00Z"));

  @Property(tries = 500)
  void left_afterACreditNote_isTheShareAsChargedAndAtMostTheRest(
      @ForAll @LongRange(min = 0, max = 1_000_000) long rest,
      @ForAll @LongRange(min = 0, max = 1_000_000) long taken,
      @ForAll @IntRange(min = 0, max = 30) int days) {
    Money amount = cents(rest);
    Money whole = cents(rest + taken);
    Share share = new Share(days, 30);
    Money back = new Charged(amount, APRIL, null, Share.ALL, whole).left(share).of(amount);
    Money asCharged = share.of(whole);
    assertThat(back).isEqualTo(asCharged.isGreaterThan(amount) ? amount : asCharged);
  }

  private static Money cents(long cents) {
    return Money.ofMinor(CurrencyUnit.EUR, cents);
  }
}
