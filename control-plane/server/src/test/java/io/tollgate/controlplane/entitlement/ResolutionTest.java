package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.Period;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Effect;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.FeatureValue;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.dunning.TenantStanding;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Document 001's chain, and document 002's add-ons on it. */
class ResolutionTest {
  private static final CurrencyUnit INR = CurrencyUnit.of("INR");
  private static final ZoneId INDIA = ZoneId.of("Asia/Kolkata");
  private static final Instant START = Instant.parse("2026-01-31T05:00:00Z");
  private static final Instant NOW = Instant.parse("2026-03-10T00:00:00Z");
  private static final String RATE = "calls-per-hour";
  private static final String QUOTA = "calls-per-month";

  private Resolution.Prepaid prepaid = Resolution.Prepaid.NOTHING;

  @Test
  void resolve_plan_givesItsFeaturesAndLimits() {
    Entitlements given = resolve(List.of(), List.of());
    assertThat(given.plan()).isEqualTo("standard");
    assertThat(given.catalog()).isEqualTo("gaudaan@3");
    assertThat(given.features())
        .containsExactly(
            new FeatureGrant(
                "admin-users",
                true,
                5L,
                null,
                "plan:standard",
                List.of(said("plan:standard", LimitOrigin.Effect.SET, 5L, 5L, null))),
            new FeatureGrant(
                "gaucoins",
                true,
                null,
                "basic",
                "plan:standard",
                List.of(said("plan:standard", LimitOrigin.Effect.SET, null, null, "basic"))));
    assertThat(rate(given).amount()).isEqualTo(1000);
    assertThat(rate(given).origin()).isEqualTo("plan:standard");
    assertThat(quota(given).window())
        .isEqualTo(new Recurrence(START, Recurrence.Unit.MONTH, 1, INDIA));
    assertThat(given.concurrencies()).isEmpty();
  }

  @Test
  void resolve_rateLimitBoost_multipliesRateAndBurstByTen() {
    Entitlements given = resolve(List.of(item("api-rate-limit-boost", 1)), List.of());
    assertThat(rate(given).amount()).isEqualTo(10_000);
    assertThat(rate(given).burst()).isEqualTo(1_000);
    assertThat(rate(given).origin()).isEqualTo("addon:api-rate-limit-boost");
  }

  @Test
  void resolve_additionsAndFactor_addFirstWhateverTheOrder() {
    List<SubscriptionItem> items = List.of(item("api-rate-limit-boost", 1), item("more-calls", 2));
    List<SubscriptionItem> reversed = new ArrayList<>(items).reversed();
    assertThat(rate(resolve(items, List.of())).amount()).isEqualTo(12_000);
    assertThat(rate(resolve(reversed, List.of())).amount()).isEqualTo(12_000);
  }

  @Test
  void resolve_extraSeats_addTimesTheQuantity() {
    assertThat(feature(resolve(List.of(item("extra-seats", 3)), List.of()), "admin-users").limit())
        .isEqualTo(8);
  }

  @Test
  void resolve_grantedLevel_replacesALowerOneOnly() {
    assertThat(feature(resolve(List.of(item("analytics", 1)), List.of()), "gaucoins").level())
        .isEqualTo("advanced");
  }

  @Test
  void resolve_addOnThatEnded_givesNothing() {
    SubscriptionItem ended = item("api-rate-limit-boost", 1).endingAt(NOW);
    assertThat(rate(resolve(List.of(ended), List.of())).amount()).isEqualTo(1000);
  }

  @Test
  void resolve_overrides_haveTheLastWordUntilTheyExpire() {
    EntitlementOverride more =
        override(
            "ovr_1",
            new EntitlementOverride.Value.OfLimit(RATE, 50L, null, OverLimit.Behavior.ALLOW),
            NOW.plusSeconds(1));
    EntitlementOverride off =
        override(
            "ovr_2", new EntitlementOverride.Value.OfFeature("gaucoins", false, null, null), NOW);
    Entitlements given = resolve(List.of(item("api-rate-limit-boost", 1)), List.of(more, off));
    assertThat(rate(given).amount()).isEqualTo(50);
    assertThat(rate(given).burst()).isEqualTo(5);
    assertThat(rate(given).over().behavior()).isEqualTo(OverLimit.Behavior.ALLOW);
    assertThat(rate(given).origin()).isEqualTo("override:ovr_1");
    assertThat(feature(given, "gaucoins").enabled()).isTrue();
  }

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

  @Test
  void resolve_subscriptionWithoutAccess_givesNothing() {
    Standing suspended = new Standing(BillingState.SUSPENDED, Access.NONE, "invoice X");
    Entitlements given =
        Resolution.resolve(
            facts(List.of(), List.of(), new TenantStanding(suspended, Map.of("sub_1", suspended))));
    assertThat(given.plan()).isEmpty();
    assertThat(given.features()).isEmpty();
    assertThat(given.rates()).isEmpty();
    assertThat(given.standing()).isEqualTo(suspended);
  }

  @Test
  void window_eachKind_isAnchoredWhereItSays() {
    Recurrence rule = new Recurrence(START, Recurrence.Unit.YEAR, 1, INDIA);
    assertThat(start(LimitSpec.Window.DAY, rule)).isEqualTo("2026-03-09T18:30:00Z");
    assertThat(start(LimitSpec.Window.CALENDAR_MONTH, rule)).isEqualTo("2026-02-28T18:30:00Z");
    assertThat(start(LimitSpec.Window.MONTH, rule)).isEqualTo("2026-02-28T05:00:00Z");
    assertThat(start(LimitSpec.Window.BILLING_PERIOD, rule)).isEqualTo(START);
    assertThat(start(LimitSpec.Window.HOUR, rule)).isEqualTo(NOW);
    assertThat(Limits.window(LimitSpec.Window.LIFETIME, rule)).isNull();
  }

  private static Instant start(LimitSpec.Window window, Recurrence rule) {
    return Objects.requireNonNull(Limits.window(window, rule)).at(NOW).start();
  }

  @Test
  void resolve_unitsPaidAhead_enlargeTheirMetersQuotas_whateverElseWasSaid() {
    EntitlementOverride less =
        override(
            "ovr_1",
            new EntitlementOverride.Value.OfLimit(QUOTA, 5L, null, null),
            NOW.plusSeconds(1));
    Instant window = Instant.parse("2026-02-28T05:00:00Z");
    prepaid = (quota, meter, since) -> meter.equals("calls") && window.equals(since) ? 700 : 0;
    Entitlements given = resolve(List.of(item("more-calls", 1)), List.of(less));
    assertThat(quota(given).amount()).isEqualTo(705);
    assertThat(quota(given).origin()).isEqualTo("wallet:calls");
    assertThat(rate(given).amount()).as("a rate is not paid ahead").isEqualTo(1_100);
    assertThat(Limits.nextWindow(given, NOW)).isEqualTo("2026-03-31T05:00:00Z");
    prepaid = Resolution.Prepaid.NOTHING;
    assertThat(Limits.nextWindow(resolve(List.of(), List.of(less)), NOW)).isNull();
  }

  private Entitlements resolve(List<SubscriptionItem> addOns, List<EntitlementOverride> overrides) {
    Standing active = new Standing(BillingState.ACTIVE, Access.FULL, "nothing is overdue");
    return Resolution.resolve(
        facts(addOns, overrides, new TenantStanding(active, Map.of("sub_1", active))));
  }

  private Resolution.Facts facts(
      List<SubscriptionItem> addOns, List<EntitlementOverride> overrides, TenantStanding standing) {
    List<SubscriptionItem> items = new ArrayList<>(addOns);
    items.add(
        new SubscriptionItem(
            "itm_plan", SubscriptionItem.Kind.PLAN, "standard", 1, START, null, null));
    Recurrence monthly = new Recurrence(START, Recurrence.Unit.MONTH, 1, INDIA);
    Subscription subscription =
        new Subscription(
            "sub_1",
            "dharma",
            "gaudaan",
            3,
            "platform",
            INR,
            Cycle.MONTHLY,
            monthly,
            new Period(START, monthly.start(1)),
            new SubscriptionState.Active(),
            null,
            items,
            List.of(),
            1);
    return new Resolution.Facts(
        "dharma",
        NOW,
        null,
        List.of(),
        List.of(
            new Resolution.Bought(
                subscription, new CatalogVersion("gaudaan", 3, START, catalog()))),
        overrides,
        prepaid,
        standing);
  }

  private static Catalog catalog() {
    return new Catalog(
        "gaudaan",
        "Gaudaan",
        new Seller("Gaudaan", List.of(), "IN", "MH", "", Map.of()),
        Map.of(),
        Map.of(),
        byKey(
            List.of(
                new Feature("admin-users", "Admin Users", Feature.Kind.LIMITED, "user", List.of()),
                new Feature(
                    "gaucoins",
                    "GauCoins",
                    Feature.Kind.LEVELED,
                    "",
                    List.of("basic", "advanced"))),
            Feature::key),
        byKey(List.of(standard()), Plan::key),
        byKey(
            List.of(
                addOn("api-rate-limit-boost", new Effect.MultiplyLimit(RATE, 10)),
                addOn("more-calls", new Effect.AddToLimit(RATE, 100)),
                addOn("extra-seats", new Effect.AddToFeature("admin-users", 1)),
                addOn("analytics", new Effect.Grant("gaucoins", FeatureValue.level("advanced"))),
                addOn("less-analytics", new Effect.Grant("gaucoins", FeatureValue.level("basic")))),
            AddOn::key),
        Map.of(),
        TaxRates.NONE,
        Policies.DEFAULT);
  }

  private static Plan standard() {
    return new Plan(
        "standard",
        "platform",
        "Standard",
        "",
        2,
        false,
        0,
        List.of(),
        Map.of(),
        Map.of("admin-users", FeatureValue.upTo(5), "gaucoins", FeatureValue.level("basic")),
        List.of(
            new LimitSpec.Rate(
                RATE, "calls", Scope.TENANT, 1000, Duration.ofHours(1), 100, OverLimit.DENY, false),
            new LimitSpec.Quota(
                QUOTA,
                "calls",
                Scope.TENANT,
                10_000,
                LimitSpec.Window.BILLING_PERIOD,
                OverLimit.DENY,
                false),
            new LimitSpec.Unlimited("in-flight")),
        List.of(),
        TaxRates.STANDARD);
  }

  private static AddOn addOn(String key, Effect effect) {
    return new AddOn(
        key,
        key,
        "",
        "",
        Set.of("standard"),
        100,
        List.of(),
        Map.of(INR, BigDecimal.TEN),
        List.of(effect),
        TaxRates.STANDARD,
        false);
  }

  private static <T> Map<String, T> byKey(List<T> values, Function<T, String> key) {
    Map<String, T> map = new LinkedHashMap<>();
    values.forEach(value -> map.put(key.apply(value), value));
    return map;
  }

  private static SubscriptionItem item(String addOn, int quantity) {
    return new SubscriptionItem(
        "itm_" + addOn, SubscriptionItem.Kind.ADD_ON, addOn, quantity, START, null, null);
  }

  private static EntitlementOverride override(
      String id, EntitlementOverride.Value value, Instant expiresAt) {
    return new EntitlementOverride(id, "dharma", value, "a test", START, expiresAt);
  }

  private static RateLimit rate(Entitlements given) {
    return given.rates().getFirst();
  }

  private static QuotaLimit quota(Entitlements given) {
    return given.quotas().getFirst();
  }

  private static FeatureGrant feature(Entitlements given, String key) {
    return given.features().stream()
        .filter(grant -> grant.feature().equals(key))
        .findFirst()
        .orElseThrow();
  }
}
