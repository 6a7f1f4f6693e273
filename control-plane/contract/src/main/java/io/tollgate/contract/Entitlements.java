package io.tollgate.contract;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All a proxy needs to decide for one tenant, at one version. Sent whole, never as a difference.
 *
 * @param format {@link #FORMAT}
 * @param tenant the tenant's id
 * @param version rises with every change of this tenant; a proxy keeps the greatest it has seen
 * @param asOf when the control plane derived it
 * @param plan the plan's key; empty without a subscription
 * @param catalog the catalog and its version, as {@code name@version}; empty without a subscription
 * @param standing billing state and access
 * @param frozenAt the instant at which the tenant's test clock stands; null for a live tenant
 * @param keys the tenant's API keys
 * @param features what the plan, add-ons and overrides give
 * @param rates token buckets
 * @param quotas counters per window
 * @param concurrencies calls in flight
 * @param storeDown what holds while limits cannot be asked; null leaves it to the proxy's own
 *     setting
 * @param origins where each limit comes from, part by part; empty in documents of before they told
 */
public record Entitlements(
    int format,
    String tenant,
    long version,
    Instant asOf,
    String plan,
    String catalog,
    Standing standing,
    @Nullable Instant frozenAt,
    List<KeyHash> keys,
    List<FeatureGrant> features,
    List<RateLimit> rates,
    List<QuotaLimit> quotas,
    List<ConcurrencyLimit> concurrencies,
    @Nullable StoreDown storeDown,
    List<LimitOrigin> origins) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  /** Entitlements that do not tell where limits come from but by each limit's own origin. */
  public Entitlements(
      int format,
      String tenant,
      long version,
      Instant asOf,
      String plan,
      String catalog,
      Standing standing,
      @Nullable Instant frozenAt,
      List<KeyHash> keys,
      List<FeatureGrant> features,
      List<RateLimit> rates,
      List<QuotaLimit> quotas,
      List<ConcurrencyLimit> concurrencies,
      @Nullable StoreDown storeDown) {
    this(
        format,
        tenant,
        version,
        asOf,
        plan,
        catalog,
        standing,
        frozenAt,
        keys,
        features,
        rates,
        quotas,
        concurrencies,
        storeDown,
        List.of());
  }

  /** The same, leaving it to the proxy what holds while limits cannot be asked. */
  public Entitlements(
      int format,
      String tenant,
      long version,
      Instant asOf,
      String plan,
      String catalog,
      Standing standing,
      @Nullable Instant frozenAt,
      List<KeyHash> keys,
      List<FeatureGrant> features,
      List<RateLimit> rates,
      List<QuotaLimit> quotas,
      List<ConcurrencyLimit> concurrencies) {
    this(
        format,
        tenant,
        version,
        asOf,
        plan,
        catalog,
        standing,
        frozenAt,
        keys,
        features,
        rates,
        quotas,
        concurrencies,
        null);
  }

  public Entitlements {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(asOf, "asOf");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(catalog, "catalog");
    Objects.requireNonNull(standing, "standing");
    keys = List.copyOf(keys);
    features = List.copyOf(features);
    rates = List.copyOf(rates);
    quotas = List.copyOf(quotas);
    concurrencies = List.copyOf(concurrencies);
    origins = List.copyOf(Objects.requireNonNullElse(origins, List.of()));
  }

  /** The steps by which a limit came to be what it is; empty where they are not told. */
  public List<LimitOrigin.Step> stepsOf(String limit) {
    for (LimitOrigin origin : origins) {
      if (origin.limit().equals(limit)) {
        return origin.steps();
      }
    }
    return List.of();
  }
}
