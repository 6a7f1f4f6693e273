package io.tollgate.controlplane.entitlement;

import static io.tollgate.controlplane.entitlement.StandardFacts.NOW;
import static io.tollgate.controlplane.entitlement.StandardFacts.QUOTA;
import static io.tollgate.controlplane.entitlement.StandardFacts.RATE;
import static io.tollgate.controlplane.entitlement.StandardFacts.feature;
import static io.tollgate.controlplane.entitlement.StandardFacts.item;
import static io.tollgate.controlplane.entitlement.StandardFacts.override;
import static io.tollgate.controlplane.entitlement.StandardFacts.rate;
import static io.tollgate.controlplane.entitlement.StandardFacts.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What plan, add-ons and overrides each did, as an answer tells it. */
class OriginsTest {
  @Test
  void resolve_origins_tellWhatEachPlanAddOnAndOverrideDid() {
    EntitlementOverride privileged =
        override(
            "ovr_1",
            new EntitlementOverride.Value.OfLimit(RATE, null, null, OverLimit.Behavior.ALLOW),
            NOW.plusSeconds(1));
    EntitlementOverride burst =
        override(
            "ovr_2",
            new EntitlementOverride.Value.OfLimit(RATE, null, 77L, null),
            NOW.plusSeconds(1));
    EntitlementOverride less =
        override(
            "ovr_3",
            new EntitlementOverride.Value.OfLimit(QUOTA, 5L, null, null),
            NOW.plusSeconds(1));
    Entitlements given =
        resolve(
            List.of(item("api-rate-limit-boost", 1), item("more-calls", 2)),
            List.of(privileged, burst, less));
    assertThat(given.stepsOf(RATE))
        .containsExactly(
            step("plan:standard", LimitOrigin.Effect.SET, 1_000, 1_000, 100L, Behavior.DENY),
            step("addon:more-calls", LimitOrigin.Effect.ADD, 200, 1_200, 300L, null),
            step(
                "addon:api-rate-limit-boost",
                LimitOrigin.Effect.MULTIPLY,
                10,
                12_000,
                3_000L,
                null),
            step("override:ovr_1", LimitOrigin.Effect.KEEP, 0, 12_000, 3_000L, Behavior.ALLOW),
            step("override:ovr_2", LimitOrigin.Effect.KEEP, 0, 12_000, 77L, null));
    assertThat(given.stepsOf(QUOTA))
        .extracting(LimitOrigin.Step::origin, LimitOrigin.Step::amount)
        .last()
        .isEqualTo(tuple("override:ovr_3", 5L));
    assertThat(rate(given).amount()).isEqualTo(12_000);
    assertThat(rate(given).burst()).isEqualTo(77);
    assertThat(given.stepsOf("nope")).isEmpty();
  }

  @Test
  void resolve_features_tellWhatEachPlanAddOnAndOverrideDid() {
    EntitlementOverride less =
        override(
            "ovr_1",
            new EntitlementOverride.Value.OfFeature("admin-users", false, 0L, null),
            NOW.plusSeconds(1));
    List<SubscriptionItem> items =
        List.of(item("extra-seats", 3), item("analytics", 1), item("less-analytics", 1));
    FeatureGrant seats = feature(resolve(items, List.of(less)), "admin-users");
    assertThat(seats.origin()).isEqualTo("override:ovr_1");
    assertThat(seats.steps())
        .containsExactly(
            said("plan:standard", LimitOrigin.Effect.SET, 5L, 5L, null),
            said("addon:extra-seats", LimitOrigin.Effect.ADD, 3L, 8L, null),
            new FeatureGrant.Step("override:ovr_1", LimitOrigin.Effect.SET, 0L, false, 0L, null));
    FeatureGrant coins = feature(resolve(items, List.of()), "gaucoins");
    assertThat(coins.level()).isEqualTo("advanced");
    assertThat(coins.origin()).isEqualTo("addon:analytics");
    assertThat(coins.steps())
        .containsExactly(
            said("plan:standard", LimitOrigin.Effect.SET, null, null, "basic"),
            said("addon:analytics", LimitOrigin.Effect.SET, null, null, "advanced"),
            said("addon:less-analytics", LimitOrigin.Effect.KEEP, null, null, "advanced"));
  }

  private static FeatureGrant.Step said(
      String origin,
      LimitOrigin.Effect effect,
      @Nullable Long by,
      @Nullable Long limit,
      @Nullable String level) {
    return new FeatureGrant.Step(origin, effect, by, true, limit, level);
  }

  private static LimitOrigin.Step step(
      String origin,
      LimitOrigin.Effect effect,
      long by,
      long amount,
      @Nullable Long burst,
      @Nullable Behavior behavior) {
    return new LimitOrigin.Step(origin, effect, by, amount, burst, behavior);
  }
}
