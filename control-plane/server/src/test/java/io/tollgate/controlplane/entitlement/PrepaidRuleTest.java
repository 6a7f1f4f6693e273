package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
import io.tollgate.controlplane.entitlement.BlockRule.Window;
import io.tollgate.controlplane.entitlement.PrepaidRule.Account;
import io.tollgate.controlplane.entitlement.PrepaidRule.Asked;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Units paid ahead are spent once, however many windows could have them. */
class PrepaidRuleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final int WINDOWS = 4;

  /**
   * Something happens: units are paid in, and a window's cluster wants some and returns some, while
   * the document says that so many are there.
   */
  record Event(int window, long paidIn, long said, long units, long returned) {}

  @Provide
  Arbitrary<Event> event() {
    return Combinators.combine(
            Arbitraries.integers().between(0, WINDOWS - 1),
            Arbitraries.longs().between(0, 50),
            Arbitraries.longs().between(0, 500),
            Arbitraries.longs().between(0, 300),
            Arbitraries.longs().between(0, 100))
        .as(Event::new);
  }

  /**
   * Whatever the document says of units paid ahead: it lags behind, and counts once more in the
   * next window what usage that is told late has drawn below the quota's own amount.
   */
  @Property
  void anyWindowsInAnyOrder_togetherTakeNoMoreThanWasPaidIn(
      @ForAll @LongRange(max = 100) long own,
      @ForAll @Size(max = 60) List<@net.jqwik.api.From("event") Event> events) {
    Window[] windows = new Window[WINDOWS];
    Arrays.fill(windows, Window.FRESH);
    long[] byWindow = new long[WINDOWS];
    long paidIn = 0;
    long taken = 0;
    for (Event event : events) {
      paidIn += event.paidIn();
      int i = event.window();
      Account account = new Account(paidIn, taken, byWindow[i]);
      PrepaidRule rule =
          PrepaidRule.decide(
              quota(own + event.said()),
              event.said(),
              windows[i],
              account,
              new Asked(event.units(), event.returned()),
              NOW);
      windows[i] = rule.block().window();
      byWindow[i] = rule.account().byWindow();
      taken = rule.account().taken();
      assertThat(beyond(windows, own)).isEqualTo(taken).isLessThanOrEqualTo(paidIn);
      assertThat(Arrays.stream(byWindow).sum()).isEqualTo(taken);
      long there = Math.min(event.said(), account.forWindow());
      long room = own + there - windows[i].outstanding();
      assertThat(room <= 0 || rule.block().granted() == event.units())
          .as("what is there is given")
          .isTrue();
    }
  }

  private static long beyond(Window[] windows, long own) {
    return Arrays.stream(windows)
        .mapToLong(window -> Math.max(0, window.outstanding() - own))
        .sum();
  }

  @Example
  void whatAWindowGaveBack_isThereForTheNext() {
    Account all = new Account(100, 100, 100);
    PrepaidRule back =
        PrepaidRule.decide(quota(150), 100, new Window(150, null, 0), all, new Asked(0, 70), NOW);
    assertThat(back.account()).isEqualTo(new Account(100, 30, 30));
    PrepaidRule next =
        PrepaidRule.decide(
            quota(150), 100, Window.FRESH, new Account(100, 30, 0), new Asked(500, 0), NOW);
    assertThat(next.block().granted()).isEqualTo(50 + 70);
  }

  @Example
  void amountRaisedInAWindow_freesWhatItTook() {
    PrepaidRule rule =
        PrepaidRule.decide(
            quota(500),
            100,
            new Window(150, null, 0),
            new Account(100, 100, 100),
            new Asked(1, 0),
            NOW);
    assertThat(rule.account()).isEqualTo(new Account(100, 0, 0));
  }

  @Example
  void whatExpired_isNotGivenAnyMore() {
    PrepaidRule rule =
        PrepaidRule.decide(
            quota(60), 10, Window.FRESH, new Account(100, 0, 0), new Asked(500, 0), NOW);
    assertThat(rule.block().granted()).isEqualTo(60);
    assertThat(rule.account()).isEqualTo(new Account(100, 10, 10));
  }

  private static QuotaLimit quota(long amount) {
    return new QuotaLimit(
        "q",
        "calls",
        Scope.TENANT,
        amount,
        null,
        new OverLimit(OverLimit.Behavior.DENY, 0, 0, List.of()),
        false,
        "wallet:calls");
  }
}
