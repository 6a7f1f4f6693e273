package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
import io.tollgate.controlplane.entitlement.BlockRule.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** The rule of the exact root. */
class BlockRuleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  @Property
  void hardQuota_anyRequests_neverHasMoreOutThanItsAmount(
      @ForAll @LongRange(max = 1000) long amount,
      @ForAll @Size(max = 50) List<@LongRange(min = 1, max = 500) Long> wanted,
      @ForAll @Size(max = 50) List<@LongRange(max = 500) Long> returned) {
    Window before = Window.FRESH;
    for (int i = 0; i < Math.min(wanted.size(), returned.size()); i++) {
      BlockRule rule =
          BlockRule.decide(quota(amount, 0, 0), before, wanted.get(i), returned.get(i), NOW);
      long out = before.outstanding();
      assertThat(rule.window().outstanding())
          .isEqualTo(out - Math.min(returned.get(i), out) + rule.granted())
          .isBetween(0L, amount);
      assertThat(rule.granted()).isBetween(0L, wanted.get(i));
      before = rule.window();
    }
  }

  @Property
  void hardQuota_lowered_grantsNothingUntilEnoughCameBack(
      @ForAll @LongRange(min = 1, max = 1000) long lower,
      @ForAll @LongRange(min = 1, max = 1000) long more) {
    Window out = out(lower + more);
    assertThat(BlockRule.decide(quota(lower, 0, 0), out, 1, more, NOW).granted()).isZero();
    assertThat(BlockRule.decide(quota(lower, 0, 0), out, 1, more + 1, NOW).granted()).isEqualTo(1);
  }

  @Property
  void hugeQuota_neverOverflows(@ForAll @LongRange(min = 1) long units) {
    BlockRule rule = BlockRule.decide(quota(Long.MAX_VALUE, 5, 0), Window.FRESH, units, 0, NOW);
    assertThat(rule.granted()).isEqualTo(units);
    assertThat(
            BlockRule.decide(quota(Long.MAX_VALUE, 5, 0), rule.window(), units, 0, NOW)
                .window()
                .outstanding())
        .isPositive();
  }

  @org.junit.jupiter.api.Test
  void buffer_fivePercent_passesBeforeTheHardEnd() {
    assertThat(BlockRule.decide(quota(100, 5, 0), out(100), 50, 0, NOW).granted()).isEqualTo(5);
  }

  @org.junit.jupiter.api.Test
  void graceDays_runFromTheFirstPassing() {
    QuotaLimit quota = quota(100, 0, 7);
    BlockRule first = BlockRule.decide(quota, out(100), 10, 0, NOW);
    assertThat(first).isEqualTo(new BlockRule(10, new Window(110, NOW, 100)));
    Instant within = NOW.plus(Duration.ofDays(7)).minusMillis(1);
    BlockRule second = BlockRule.decide(quota, first.window(), 10, 0, within);
    assertThat(second).isEqualTo(new BlockRule(10, new Window(120, NOW, 100)));
    Instant after = NOW.plus(Duration.ofDays(7));
    assertThat(BlockRule.decide(quota, second.window(), 10, 0, after).granted()).isZero();
  }

  @org.junit.jupiter.api.Test
  void bufferWithGraceDays_passesForThoseDaysOnly() {
    QuotaLimit quota = quota(100, 5, 7);
    BlockRule first = BlockRule.decide(quota, out(100), 3, 0, NOW);
    assertThat(first).isEqualTo(new BlockRule(3, new Window(103, NOW, 100)));
    Instant within = NOW.plus(Duration.ofDays(7)).minusMillis(1);
    assertThat(BlockRule.decide(quota, first.window(), 10, 0, within).granted()).isEqualTo(2);
    Instant after = NOW.plus(Duration.ofDays(7));
    assertThat(BlockRule.decide(quota, first.window(), 10, 0, after).granted()).isZero();
  }

  @org.junit.jupiter.api.Test
  void graceDays_ofARaisedQuotaAreStillToCome_unlessItIsPassedAlready() {
    Window passed = new Window(120, NOW, 100);
    Instant after = NOW.plus(Duration.ofDays(8));
    assertThat(BlockRule.decide(quota(110, 0, 7), passed, 10, 0, after))
        .isEqualTo(new BlockRule(0, passed));
    BlockRule raised = BlockRule.decide(quota(200, 0, 7), passed, 80, 0, after);
    assertThat(raised).isEqualTo(new BlockRule(80, new Window(200, null, 0)));
    assertThat(BlockRule.decide(quota(200, 0, 7), raised.window(), 1, 0, after).window())
        .isEqualTo(new Window(201, after, 200));
  }

  @org.junit.jupiter.api.Test
  void graceDays_doNotBeginAnew_byGivingUnitsBack() {
    Window passed = new Window(120, NOW, 100);
    Instant after = NOW.plus(Duration.ofDays(8));
    BlockRule back = BlockRule.decide(quota(100, 0, 7), passed, 0, 50, after);
    assertThat(BlockRule.decide(quota(100, 0, 7), back.window(), 100, 0, after).granted())
        .isEqualTo(30);
  }

  private static Window out(long units) {
    return new Window(units, null, 0);
  }

  private static QuotaLimit quota(long amount, int buffer, int graceDays) {
    return new QuotaLimit(
        "calls-per-month",
        "calls",
        Scope.TENANT,
        amount,
        null,
        new OverLimit(OverLimit.Behavior.DENY, buffer, graceDays, List.of()),
        false,
        "plan:standard");
  }
}
