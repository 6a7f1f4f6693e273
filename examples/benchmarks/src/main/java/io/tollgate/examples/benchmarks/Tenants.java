package io.tollgate.examples.benchmarks;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.limit.Demand;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Tenants of the limits benchmark. */
final class Tenants {
  /** What its calls take. */
  static final Demand ONE_CALL = new Demand("", null, Map.of("calls", 1L));

  private static final long AMPLE = 1_000_000_000L;

  private Tenants() {}

  /** So many tenants with two rates and a quota that are never reached. */
  static Entitlements[] ample(int tenants) {
    Entitlements[] all = new Entitlements[tenants];
    for (int i = 0; i < tenants; i++) {
      all[i] = ample("tenant-" + i);
    }
    return all;
  }

  static Entitlements ample(String tenant) {
    return tenant(
        tenant,
        1,
        List.of(),
        List.of(
            rate("per-second", Duration.ofSeconds(1)), rate("per-minute", Duration.ofMinutes(1))),
        AMPLE * 1000);
  }

  /** A tenant with a monthly quota alone, of its cells or of a root. */
  static Entitlements quota(String tenant, long version, List<KeyHash> keys, long amount) {
    return tenant(tenant, version, keys, List.of(), amount);
  }

  private static Entitlements tenant(
      String tenant, long version, List<KeyHash> keys, List<RateLimit> rates, long quota) {
    Recurrence month =
        new Recurrence(
            Instant.parse("2026-01-01T00:00:00Z"), Recurrence.Unit.MONTH, 1, ZoneOffset.UTC);
    return new Entitlements(
        Entitlements.FORMAT,
        tenant,
        version,
        Instant.parse("2026-01-01T00:00:00Z"),
        "benchmark",
        "benchmark@1",
        new Standing(BillingState.ACTIVE, Access.FULL, "in good standing"),
        null,
        keys,
        List.of(),
        rates,
        List.of(
            new QuotaLimit(
                "per-month",
                "calls",
                Scope.TENANT,
                quota,
                month,
                OverLimit.DENY,
                false,
                "plan:benchmark")),
        List.of());
  }

  private static RateLimit rate(String name, Duration per) {
    return new RateLimit(
        name, "calls", Scope.TENANT, AMPLE, per, AMPLE, OverLimit.DENY, false, "plan:benchmark");
  }
}
