package io.tollgate.proxy.limit;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.ConcurrencyLimit;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.contract.StoreDown;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Entitlements for tests, by and by. */
public final class Sample {
  /** A demand of one call. */
  public static final Demand ONE_CALL = new Demand("", null, Map.of("calls", 1L));

  private final String tenant;
  private final List<KeyHash> keys = new ArrayList<>();
  private final List<RateLimit> rates = new ArrayList<>();
  private final List<QuotaLimit> quotas = new ArrayList<>();
  private final List<ConcurrencyLimit> concurrencies = new ArrayList<>();
  private long version = 1;
  private @Nullable Instant frozenAt;
  private @Nullable StoreDown storeDown;

  private Sample(String tenant) {
    this.tenant = tenant;
  }

  public static Sample tenant(String tenant) {
    return new Sample(tenant);
  }

  /** A key of the tenant's, by its hash in hexadecimal. */
  public Sample key(String sha256) {
    keys.add(new KeyHash("key-" + keys.size(), sha256));
    return this;
  }

  public Sample version(long newVersion) {
    version = newVersion;
    return this;
  }

  public Sample frozenAt(Instant instant) {
    frozenAt = instant;
    return this;
  }

  public Sample storeDown(StoreDown policy) {
    storeDown = policy;
    return this;
  }

  public Sample rate(String name, long amount, Duration per, long burst) {
    rates.add(
        new RateLimit(
            name, "calls", Scope.TENANT, amount, per, burst, OverLimit.DENY, false, "plan:p"));
    return this;
  }

  Sample rate(String name, long amount, Duration per, long burst, OverLimit over) {
    rates.add(
        new RateLimit(name, "calls", Scope.TENANT, amount, per, burst, over, false, "plan:p"));
    return this;
  }

  public Sample rateByKey(String name, long amount, Duration per, long burst) {
    Scope key = new Scope(Scope.Kind.KEY, "");
    rates.add(
        new RateLimit(name, "calls", key, amount, per, burst, OverLimit.DENY, false, "plan:p"));
    return this;
  }

  public Sample quota(String name, long amount) {
    return quota(name, amount, OverLimit.DENY, false);
  }

  public Sample quota(String name, long amount, OverLimit over, boolean shadow) {
    quotas.add(
        new QuotaLimit(name, "calls", Scope.TENANT, amount, monthly(), over, shadow, "plan:p"));
    return this;
  }

  public Sample quota(String name, long amount, Recurrence window) {
    quotas.add(
        new QuotaLimit(
            name, "calls", Scope.TENANT, amount, window, OverLimit.DENY, false, "plan:p"));
    return this;
  }

  /** A quota some of whose units were paid ahead. */
  Sample quotaPaidAhead(String name, long amount, Recurrence window) {
    quotas.add(
        new QuotaLimit(
            name, "calls", Scope.TENANT, amount, window, OverLimit.DENY, false, "wallet:calls"));
    return this;
  }

  public Sample quota(String name, long amount, Scope scope) {
    quotas.add(
        new QuotaLimit(name, "calls", scope, amount, monthly(), OverLimit.DENY, false, "plan:p"));
    return this;
  }

  public Sample quotaByKey(String name, long amount) {
    quotas.add(
        new QuotaLimit(
            name,
            "calls",
            new Scope(Scope.Kind.KEY, ""),
            amount,
            null,
            OverLimit.DENY,
            false,
            "plan:p"));
    return this;
  }

  public Sample permits(String name, long permits, Duration ttl) {
    concurrencies.add(
        new ConcurrencyLimit(name, Scope.TENANT, permits, ttl, OverLimit.DENY, false, "plan:p"));
    return this;
  }

  public Sample permits(String name, long permits, Duration ttl, Scope scope) {
    concurrencies.add(
        new ConcurrencyLimit(name, scope, permits, ttl, OverLimit.DENY, false, "plan:p"));
    return this;
  }

  public static Recurrence monthly() {
    return new Recurrence(
        Instant.parse("2026-01-01T00:00:00Z"), Recurrence.Unit.MONTH, 1, ZoneOffset.UTC);
  }

  public static OverLimit over(Behavior behavior, int bufferPercent, int graceDays) {
    return new OverLimit(behavior, bufferPercent, graceDays, List.of(80, 100));
  }

  public Entitlements entitlements() {
    return new Entitlements(
        Entitlements.FORMAT,
        tenant,
        version,
        Instant.parse("2026-11-01T00:00:00Z"),
        "p",
        "c@1",
        new Standing(BillingState.ACTIVE, Access.FULL, ""),
        frozenAt,
        keys,
        List.of(),
        rates,
        quotas,
        concurrencies,
        storeDown);
  }
}
