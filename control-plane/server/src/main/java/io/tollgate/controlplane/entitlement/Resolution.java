package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.Standing;
import io.tollgate.contract.StoreDown;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Effect;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.dunning.TenantStanding;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Document 001's chain, as a pure function: tenant, active subscriptions, plan versions, add-ons,
 * overrides, entitlements. Within a subscription the plan comes first, then what add-ons add, then
 * what they multiply; an override has the last word, but for units paid ahead. Several
 * subscriptions give the tenant the more generous of what they say about the same thing.
 */
final class Resolution {
  private Resolution() {}

  /**
   * A subscription with the catalog version it was bought from.
   *
   * @param subscription as it stands
   * @param version its catalog version
   */
  record Bought(Subscription subscription, CatalogVersion version) {
    /** The instant whose items count: now, or the nearest to it at which there were some. */
    private Instant at(Instant now) {
      return switch (subscription.state()) {
        case SubscriptionState.Pending pending -> pending.startsAt();
        case SubscriptionState.Cancelled ended -> before(ended.at());
        case SubscriptionState.Expired ended -> before(ended.at());
        case SubscriptionState.Terminated ended -> before(ended.at());
        case SubscriptionState.Trial trial -> now;
        case SubscriptionState.Active active -> now;
        case SubscriptionState.Paused paused -> now;
      };
    }

    private static Instant before(Instant end) {
      return end.minus(1, ChronoUnit.MICROS);
    }
  }

  /**
   * All that entitlements follow from.
   *
   * @param tenant the tenant's id
   * @param now by the tenant's clock
   * @param frozenAt where its test clock stands; null for a live tenant
   * @param keys its keys that are not revoked
   * @param bought its subscriptions
   * @param overrides its overrides, oldest first
   * @param prepaid what it has paid ahead
   * @param standing its standing
   */
  record Facts(
      String tenant,
      Instant now,
      @Nullable Instant frozenAt,
      List<KeyHash> keys,
      List<Bought> bought,
      List<EntitlementOverride> overrides,
      Prepaid prepaid,
      TenantStanding standing) {
    /** Whether a subscription gives what was bought. */
    boolean serves(Subscription subscription) {
      return subscription.state().isInForce() && standing.isServed(subscription.id());
    }
  }

  /** What a tenant has paid ahead. */
  @FunctionalInterface
  interface Prepaid {
    /** Nothing. */
    Prepaid NOTHING = (quota, meter, since) -> 0;

    /**
     * Units of the meter by which a quota is larger in its window: what was there when it began or
     * came since, less what the quota's other windows have taken of it.
     *
     * @param since start of the window; null for a lifetime quota
     */
    long units(String quota, String meter, @Nullable Instant since);
  }

  /** The entitlements that follow; version 0, to be numbered by who stores them. */
  static Entitlements resolve(Facts facts) {
    List<Bought> served =
        facts.bought().stream().filter(bought -> facts.serves(bought.subscription())).toList();
    return resolve(facts, served, facts.standing().standing());
  }

  /** What one subscription would give by itself were it served, with its own standing. */
  static Entitlements alone(Facts facts, Bought bought) {
    Standing own = facts.standing().bySubscription().get(bought.subscription().id());
    return resolve(
        facts, List.of(bought), Objects.requireNonNullElse(own, facts.standing().standing()));
  }

  private static Entitlements resolve(Facts facts, List<Bought> served, Standing standing) {
    Features features = new Features();
    Limits limits = new Limits();
    List<String> plans = new ArrayList<>();
    List<String> catalogs = new ArrayList<>();
    Set<StoreDown> policies = EnumSet.noneOf(StoreDown.class);
    for (Bought bought : served) {
      Optional<Plan> plan = planAt(bought, facts.now());
      if (plan.isPresent()) {
        plans.add(plan.get().key());
        plan.get().storeDown().ifPresent(policies::add);
        catalogs.add(bought.version().reference());
        addPlan(bought, plan.get(), features, limits);
        addAddOns(bought, facts.now(), features, limits);
      }
    }
    applyOverrides(facts, features, limits);
    limits.prepay(facts.prepaid(), facts.now());
    return new Entitlements(
        Entitlements.FORMAT,
        facts.tenant(),
        0,
        facts.now(),
        String.join(",", plans),
        String.join(",", catalogs),
        standing,
        facts.frozenAt(),
        facts.keys(),
        features.grants(),
        limits.rates(),
        limits.quotas(),
        limits.concurrencies(),
        strictest(policies),
        limits.origins());
  }

  /** Of several plans the one that protects most counts; null where none says anything. */
  private static @Nullable StoreDown strictest(Set<StoreDown> policies) {
    for (StoreDown policy : List.of(StoreDown.CLOSED, StoreDown.FAIR_SHARE, StoreDown.OPEN)) {
      if (policies.contains(policy)) {
        return policy;
      }
    }
    return null;
  }

  private static Optional<Plan> planAt(Bought bought, Instant now) {
    return bought
        .subscription()
        .planAt(bought.at(now))
        .flatMap(item -> bought.version().catalog().plan(item.key()));
  }

  private static void addPlan(Bought bought, Plan plan, Features features, Limits limits) {
    Catalog catalog = bought.version().catalog();
    String origin = "plan:" + plan.key();
    plan.features()
        .forEach((key, value) -> features.grant(catalog.features().get(key), key, value, origin));
    limits.addPlan(plan.limits(), catalog.meters(), bought.subscription(), origin);
  }

  /** Additions before factors, so that the order in which add-ons were bought changes nothing. */
  private static void addAddOns(Bought bought, Instant now, Features features, Limits limits) {
    Catalog catalog = bought.version().catalog();
    List<SubscriptionItem> items = bought.subscription().addOnsAt(bought.at(now));
    for (SubscriptionItem item : items) {
      effects(catalog, item).forEach(effect -> add(effect, catalog, item, features, limits));
    }
    for (SubscriptionItem item : items) {
      effects(catalog, item).forEach(effect -> multiply(effect, item, limits));
    }
  }

  private static List<Effect> effects(Catalog catalog, SubscriptionItem item) {
    return catalog.addOn(item.key()).map(AddOn::effects).orElseGet(List::of);
  }

  private static void add(
      Effect effect, Catalog catalog, SubscriptionItem item, Features features, Limits limits) {
    String origin = "addon:" + item.key();
    switch (effect) {
      case Effect.Grant grant ->
          features.grant(
              catalog.features().get(grant.feature()), grant.feature(), grant.value(), origin);
      case Effect.AddToFeature added ->
          features.plus(
              added.feature(), Math.multiplyExact(added.units(), (long) item.quantity()), origin);
      case Effect.AddToLimit added ->
          limits.plus(
              added.limit(), Math.multiplyExact(added.units(), (long) item.quantity()), origin);
      case Effect.MultiplyLimit factor -> {
        // Follows when everything has been added.
      }
      case Effect.Prepay prepay -> {
        // Goes to the wallet; what is there enlarges the meter's quotas in the end.
      }
    }
  }

  private static void multiply(Effect effect, SubscriptionItem item, Limits limits) {
    if (effect instanceof Effect.MultiplyLimit factor) {
      limits.times(factor.limit(), factor.factor(), "addon:" + item.key());
    }
  }

  private static void applyOverrides(Facts facts, Features features, Limits limits) {
    for (EntitlementOverride override : facts.overrides()) {
      if (!override.isInForceAt(facts.now())) {
        continue;
      }
      String origin = "override:" + override.id();
      switch (override.value()) {
        case EntitlementOverride.Value.OfFeature feature -> features.override(feature, origin);
        case EntitlementOverride.Value.OfLimit limit -> limits.override(limit, origin);
      }
    }
  }
}
