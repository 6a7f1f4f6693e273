package io.tollgate.proxy;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.tenant.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** What a control plane tells of tenants with keys, on the plan {@code pro}. */
final class Tenants {
  /** A window that does not end while a test runs. */
  static final Recurrence YEARS =
      new Recurrence(
          Instant.parse("2026-01-01T00:00:00Z"), Recurrence.Unit.YEAR, 100, ZoneOffset.UTC);

  /** Calls of a tenant whose calls are {@link #scarce}. */
  static final int FEW = 20;

  private Tenants() {}

  /** A tenant of 1,000 calls a second and a thousand in all; its key's id is {@code k-TENANT}. */
  static Entitlements tenant(
      String tenant, String key, Access access, long version, List<FeatureGrant> features) {
    BillingState state = access == Access.FULL ? BillingState.ACTIVE : BillingState.READ_ONLY;
    return new Entitlements(
        Entitlements.FORMAT,
        tenant,
        version,
        Instant.parse("2026-03-01T00:00:00Z"),
        "pro",
        "gaudaan@1",
        new Standing(state, access, "unpaid"),
        null,
        List.of(new KeyHash("k-" + tenant, Sha256.hex(key))),
        features,
        List.of(burst(Duration.ofSeconds(1), 1_000)),
        List.of(
            new QuotaLimit(
                "month", "calls", Scope.TENANT, 1000, YEARS, OverLimit.DENY, false, "plan:pro")),
        List.of());
  }

  /** One that is limited by one quota only; its key is {@code TENANT-key}. */
  static Entitlements limited(String tenant, QuotaLimit quota) {
    Entitlements plain = plain(tenant);
    return with(plain, plain.plan(), List.of(), List.of(quota));
  }

  /** One that has {@link #FEW} calls, and the next in an hour; key as in limited. */
  static Entitlements scarce(String tenant) {
    Entitlements plain = plain(tenant);
    return with(plain, plain.plan(), List.of(burst(Duration.ofHours(1), FEW)), plain.quotas());
  }

  /** The same on another plan. */
  static Entitlements onPlan(String plan, Entitlements state) {
    return with(state, plan, state.rates(), state.quotas());
  }

  private static Entitlements plain(String tenant) {
    return tenant(tenant, tenant + "-key", Access.FULL, 1, List.of());
  }

  private static Entitlements with(
      Entitlements state, String plan, List<RateLimit> rates, List<QuotaLimit> quotas) {
    return new Entitlements(
        state.format(),
        state.tenant(),
        state.version(),
        state.asOf(),
        plan,
        state.catalog(),
        state.standing(),
        state.frozenAt(),
        state.keys(),
        state.features(),
        rates,
        quotas,
        state.concurrencies());
  }

  private static RateLimit burst(Duration perCall, long burst) {
    return new RateLimit(
        "burst", "calls", Scope.TENANT, 1, perCall, burst, OverLimit.DENY, false, "plan:pro");
  }
}
