package io.tollgate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.Retries;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** How many calls may be sent once more. The clock is the test's. */
class RetryBudgetTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void take_withoutAny_isRefused() {
    RetryBudget budget = new RetryBudget(new Retries(0, 0), 0);
    budget.called();
    assertThat(budget.take(100 * SECOND)).isFalse();
  }

  @Test
  void take_perSecond_fillsWithTimeUpToTenSeconds() {
    RetryBudget budget = new RetryBudget(new Retries(0, 2), 0);
    assertThat(taken(budget, 0)).isEqualTo(20);
    assertThat(taken(budget, SECOND - 1)).isZero();
    assertThat(taken(budget, SECOND)).isEqualTo(2);
    assertThat(taken(budget, 3 * SECOND)).isEqualTo(4);
    assertThat(taken(budget, 1000 * SECOND)).isEqualTo(20);
  }

  @Property(tries = 200)
  void take_percent_isNeverMoreThanThatShareOfCalls(
      @ForAll @IntRange(min = 1, max = 100) int percent, @ForAll @IntRange(max = 2000) int calls) {
    RetryBudget budget = new RetryBudget(new Retries(percent, 0), 0);
    int taken = 0;
    for (int i = 0; i < calls; i++) {
      budget.called();
      taken += budget.take(0) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(calls * percent / 100);
  }

  private static int taken(RetryBudget budget, long now) {
    int taken = 0;
    while (budget.take(now)) {
      taken++;
    }
    return taken;
  }
}
