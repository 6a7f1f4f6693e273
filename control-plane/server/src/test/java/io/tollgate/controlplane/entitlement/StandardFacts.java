package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.OverLimit;
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
import java.util.Set;
import java.util.function.Function;
import org.joda.money.CurrencyUnit;

/** A tenant of document 002's standard plan, and what add-ons there are to it. */
final class StandardFacts {
  static final Instant START = Instant.parse("2026-01-31T05:00:00Z");
  static final Instant NOW = Instant.parse("2026-03-10T00:00:00Z");
  static final ZoneId INDIA = ZoneId.of("Asia/Kolkata");
  static final String RATE = "calls-per-hour";
  static final String QUOTA = "calls-per-month";

  private static final CurrencyUnit INR = CurrencyUnit.of("INR");

  private StandardFacts() {}

  /** What an active tenant may do. */
  static Entitlements resolve(List<SubscriptionItem> addOns, List<EntitlementOverride> overrides) {
    return Resolution.resolve(facts(addOns, overrides, Resolution.Prepaid.NOTHING));
  }

  static Resolution.Facts facts(
      List<SubscriptionItem> addOns,
      List<EntitlementOverride> overrides,
      Resolution.Prepaid prepaid) {
    Standing active = new Standing(BillingState.ACTIVE, Access.FULL, "nothing is overdue");
    return facts(subscription(new SubscriptionState.Active(), addOns), active, overrides, prepaid);
  }

  static Resolution.Facts facts(
      Subscription subscription,
      Standing standing,
      List<EntitlementOverride> overrides,
      Resolution.Prepaid prepaid) {
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
        new TenantStanding(standing, Map.of(subscription.id(), standing)));
  }

  /** To the standard plan since {@link #START}, with its items until {@code null} or its end. */
  static Subscription subscription(SubscriptionState state, List<SubscriptionItem> addOns) {
    List<SubscriptionItem> items = new ArrayList<>(addOns);
    items.add(
        new SubscriptionItem(
            "itm_plan", SubscriptionItem.Kind.PLAN, "standard", 1, START, null, null));
    Recurrence monthly = new Recurrence(START, Recurrence.Unit.MONTH, 1, INDIA);
    return new Subscription(
        "sub_1",
        "dharma",
        "gaudaan",
        3,
        "platform",
        INR,
        Cycle.MONTHLY,
        monthly,
        new Period(START, monthly.start(1)),
        state,
        null,
        items,
        List.of(),
        1);
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

  static SubscriptionItem item(String addOn, int quantity) {
    return new SubscriptionItem(
        "itm_" + addOn, SubscriptionItem.Kind.ADD_ON, addOn, quantity, START, null, null);
  }

  static EntitlementOverride override(
      String id, EntitlementOverride.Value value, Instant expiresAt) {
    return new EntitlementOverride(id, "dharma", value, "a test", START, expiresAt);
  }

  static RateLimit rate(Entitlements given) {
    return given.rates().getFirst();
  }

  static QuotaLimit quota(Entitlements given) {
    return given.quotas().getFirst();
  }

  static FeatureGrant feature(Entitlements given, String key) {
    return given.features().stream()
        .filter(grant -> grant.feature().equals(key))
        .findFirst()
        .orElseThrow();
  }
}
