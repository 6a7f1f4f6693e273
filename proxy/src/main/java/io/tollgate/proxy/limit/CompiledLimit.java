package io.tollgate.proxy.limit;

import io.tollgate.contract.ConcurrencyLimit;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.Period;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One limit of a tenant, ready for deciding.
 *
 * @param definition what the cell enforces
 * @param scope whose calls share a counter
 * @param meter the meter whose weight a call takes; null for permits, of which it takes one
 * @param whenOver the outcome of a call served with units beyond the limit
 * @param billed whether those are billed
 * @param origin where the limit comes from
 * @param windowSeconds how long a window or a bucket's period lasts; 0 for none
 */
record CompiledLimit(
    LimitDefinition definition,
    Scope scope,
    @Nullable String meter,
    Outcome whenOver,
    boolean billed,
    String origin,
    long windowSeconds) {

  /** The origin of a quota whose last units were paid ahead begins so. */
  private static final String PAID_AHEAD = "wallet:";

  /** All limits of the tenant. */
  static List<CompiledLimit> of(Entitlements entitlements, boolean hasRoot) {
    Instant frozen = entitlements.frozenAt();
    long frozenAt = frozen == null ? LimitDefinition.LIVE : frozen.toEpochMilli();
    List<CompiledLimit> limits = new ArrayList<>();
    entitlements.rates().forEach(rate -> limits.add(of(rate, frozenAt)));
    Instant at = frozen == null ? entitlements.asOf() : frozen;
    entitlements.quotas().forEach(quota -> limits.add(of(quota, frozenAt, at, hasRoot)));
    entitlements.concurrencies().forEach(permits -> limits.add(of(permits)));
    return limits;
  }

  /** Whether it is decided and counted, and refuses nothing. */
  boolean isShadow() {
    return whenOver == Outcome.SHADOW_DENIED;
  }

  /** The counter of this limit that a call falls on. */
  String counter(String keyId) {
    return switch (scope.kind()) {
      case TENANT -> "";
      case KEY -> keyId;
      case ROUTE_GROUP, FEATURE -> scope.name();
    };
  }

  /** Units a call takes; 0 when the limit does not apply to it. */
  long weight(Demand demand) {
    boolean applies =
        switch (scope.kind()) {
          case TENANT, KEY -> true;
          case ROUTE_GROUP -> scope.name().equals(demand.routeGroup());
          case FEATURE -> scope.name().equals(demand.feature());
        };
    if (!applies) {
      return 0;
    }
    if (meter == null) {
      return 1;
    }
    Long weight = demand.weight(meter);
    return weight == null ? 0 : weight;
  }

  private static CompiledLimit of(RateLimit rate, long frozenAt) {
    LimitDefinition definition =
        new LimitDefinition(
            rate.name(),
            Kind.RATE,
            rate.amount(),
            rate.burst(),
            rate.per().toMillis(),
            null,
            frozenAt,
            isSoft(rate.over(), rate.shadow()),
            rate.over().bufferPercent(),
            rate.over().graceDays(),
            List.of(),
            0,
            false,
            false);
    return compiled(
        definition,
        rate.scope(),
        rate.meter(),
        rate.over(),
        rate.shadow(),
        rate.origin(),
        rate.per().toSeconds());
  }

  private static CompiledLimit of(QuotaLimit quota, long frozenAt, Instant at, boolean hasRoot) {
    boolean soft = isSoft(quota.over(), quota.shadow());
    LimitDefinition definition =
        new LimitDefinition(
            quota.name(),
            Kind.QUOTA,
            quota.amount(),
            quota.amount(),
            0,
            quota.window(),
            frozenAt,
            soft,
            quota.over().bufferPercent(),
            quota.over().graceDays(),
            quota.over().alertPercents(),
            0,
            hasRoot,
            hasRoot && quota.origin().startsWith(PAID_AHEAD));
    return compiled(
        definition,
        quota.scope(),
        quota.meter(),
        quota.over(),
        quota.shadow(),
        quota.origin(),
        seconds(quota.window(), at));
  }

  private static CompiledLimit of(ConcurrencyLimit permits) {
    LimitDefinition definition =
        new LimitDefinition(
            permits.name(),
            Kind.CONCURRENCY,
            permits.permits(),
            permits.permits(),
            0,
            null,
            LimitDefinition.LIVE,
            isSoft(permits.over(), permits.shadow()),
            0,
            0,
            List.of(),
            permits.ttl().toMillis(),
            false,
            false);
    return compiled(
        definition, permits.scope(), null, permits.over(), permits.shadow(), permits.origin(), 0);
  }

  private static CompiledLimit compiled(
      LimitDefinition definition,
      Scope scope,
      @Nullable String meter,
      OverLimit over,
      boolean shadow,
      String origin,
      long windowSeconds) {
    Outcome whenOver =
        shadow
            ? Outcome.SHADOW_DENIED
            : over.behavior() == Behavior.ALLOW ? Outcome.ADMITTED : Outcome.WARNED;
    return new CompiledLimit(
        definition,
        scope,
        meter,
        whenOver,
        over.behavior() == Behavior.BILL,
        origin,
        windowSeconds);
  }

  private static boolean isSoft(OverLimit over, boolean shadow) {
    return shadow || over.behavior() != Behavior.DENY;
  }

  private static long seconds(@Nullable Recurrence window, Instant at) {
    if (window == null) {
      return 0;
    }
    Period period = window.at(at);
    return Duration.between(period.start(), period.end()).toSeconds();
  }
}
