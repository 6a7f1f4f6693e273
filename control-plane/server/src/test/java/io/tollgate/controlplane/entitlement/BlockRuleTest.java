package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
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
    long out = 0;
    for (int i = 0; i < Math.min(wanted.size(), returned.size()); i++) {
      BlockRule rule =
          BlockRule.decide(quota(amount, 0, 0), out, null, wanted.get(i), returned.get(i), NOW);
      assertThat(rule.outstanding())
          .isEqualTo(out - Math.min(returned.get(i), out) + rule.granted())
          .isBetween(0L, amount);
      assertThat(rule.granted()).isBetween(0L, wanted.get(i));
      out = rule.outstanding();
    }
  }

  @Property
  void hardQuota_lowered_grantsNothingUntilEnoughCameBack(
      @ForAll @LongRange(min = 1, max = 1000) long lower,
      @ForAll @LongRange(min = 1, max = 1000) long more) {
    long out = lower + more;
    assertThat(BlockRule.decide(quota(lower, 0, 0), out, null, 1, more, NOW).granted()).isZero();
    assertThat(BlockRule.decide(quota(lower, 0, 0), out, null, 1, more + 1, NOW).granted())
        .isEqualTo(1);
  }

  @Property
  void hugeQuota_neverOverflows(@ForAll @LongRange(min = 1) long units) {
    BlockRule rule = BlockRule.decide(quota(Long.MAX_VALUE, 5, 0), 0, null, units, 0, NOW);
    assertThat(rule.granted()).isEqualTo(units);
    assertThat(
            BlockRule.decide(quota(Long.MAX_VALUE, 5, 0), rule.outstanding(), null, units, 0, NOW)
                .outstanding())
        .isPositive();
  }

  @org.junit.jupiter.api.Test
  void buffer_fivePercent_passesBeforeTheHardEnd() {
    assertThat(BlockRule.decide(quota(100, 5, 0), 100, null, 50, 0, NOW).granted()).isEqualTo(5);
  }

  @org.junit.jupiter.api.Test
  void graceDays_runFromTheFirstPassing() {
    QuotaLimit quota = quota(100, 0, 7);
    BlockRule first = BlockRule.decide(quota, 100, null, 10, 0, NOW);
    assertThat(first).isEqualTo(new BlockRule(110, 10, NOW));
    Instant within = NOW.plus(Duration.ofDays(7)).minusMillis(1);
    assertThat(BlockRule.decide(quota, 110, NOW, 10, 0, within).granted()).isEqualTo(10);
    Instant after = NOW.plus(Duration.ofDays(7));
    assertThat(BlockRule.decide(quota, 120, NOW, 10, 0, after).granted()).isZero();
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
