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
  final Entitlements entitlements;
  final List<CompiledLimit> limits;
  private final boolean byKey;
  private final BiFunction<CompiledLimit, String, Counter> counters;
  private final ConcurrentHashMap<Demand, AppliedLimits> applied = new ConcurrentHashMap<>(4);
  private final ConcurrentHashMap<String, ConcurrentHashMap<Demand, AppliedLimits>> appliedByKey =
      new ConcurrentHashMap<>(4);

  LimitSet(
      Entitlements entitlements,
      List<CompiledLimit> limits,
      BiFunction<CompiledLimit, String, Counter> counters) {
    this.entitlements = entitlements;
    this.limits = limits;
    this.counters = counters;
    this.byKey = limits.stream().anyMatch(limit -> limit.scope().kind() == Scope.Kind.KEY);
  }

  /** The limits that apply to a call. */
  AppliedLimits applied(String keyId, Demand demand) {
    if (!byKey) {
      AppliedLimits known = applied.get(demand);
      return known != null ? known : compile(applied, keyId, demand);
    }
    ConcurrentHashMap<Demand, AppliedLimits> ofKey = appliedByKey.get(keyId);
    AppliedLimits known = ofKey == null ? null : ofKey.get(demand);
    if (known != null) {
      return known;
    }
    return compile(
        appliedByKey.computeIfAbsent(keyId, key -> new ConcurrentHashMap<>(4)), keyId, demand);
  }

  @Nullable CompiledLimit limit(String name) {
    for (CompiledLimit limit : limits) {
      if (limit.definition().limit().equals(name)) {
        return limit;
      }
    }
    return null;
  }

  private AppliedLimits compile(
      ConcurrentHashMap<Demand, AppliedLimits> into, String keyId, Demand demand) {
    return into.computeIfAbsent(demand, asked -> AppliedLimits.of(limits, keyId, asked, counters));
  }
}
