package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.Scope;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's limits compiled at one version of its entitlements, with the ones that apply worked
 * out once per route (and key, where a limit counts by key). Thread-safe.
 */
final class LimitSet {
  final TenantEscrow escrow;
  final Entitlements entitlements;
  final List<CompiledLimit> limits;
  private final boolean byKey;
  private final BiFunction<CompiledLimit, String, Counter> counters;
  private volatile @Nullable AppliedLimits recent;
  private final ConcurrentHashMap<Demand, AppliedLimits> applied = new ConcurrentHashMap<>(4);
  private final ConcurrentHashMap<String, ConcurrentHashMap<Demand, AppliedLimits>> appliedByKey =
      new ConcurrentHashMap<>(4);

  LimitSet(
      TenantEscrow escrow,
      Entitlements entitlements,
      List<CompiledLimit> limits,
      BiFunction<CompiledLimit, String, Counter> counters) {
    this.escrow = escrow;
    this.entitlements = entitlements;
    this.limits = limits;
    this.counters = counters;
    this.byKey = limits.stream().anyMatch(limit -> limit.scope().kind() == Scope.Kind.KEY);
  }

  /** The limits that apply to a call. */
  AppliedLimits applied(String keyId, Demand demand) {
    // Most tenants repeat themselves; what was found last needs no look-up. Racing is harmless.
    AppliedLimits last = recent;
    if (last != null && last.demand == demand && (!byKey || last.keyId.equals(keyId))) {
      return last;
    }
    AppliedLimits found =
        byKey
            ? find(
                appliedByKey.computeIfAbsent(keyId, key -> new ConcurrentHashMap<>(4)),
                keyId,
                demand)
            : find(applied, keyId, demand);
    recent = found;
    return found;
  }

  @Nullable CompiledLimit limit(String name) {
    for (CompiledLimit limit : limits) {
      if (limit.definition().limit().equals(name)) {
        return limit;
      }
    }
    return null;
  }

  private AppliedLimits find(
      ConcurrentHashMap<Demand, AppliedLimits> in, String keyId, Demand demand) {
    AppliedLimits known = in.get(demand);
    return known != null
        ? known
        : in.computeIfAbsent(demand, asked -> AppliedLimits.of(limits, keyId, asked, counters));
  }
}
