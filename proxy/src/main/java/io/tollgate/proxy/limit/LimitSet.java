package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.Scope;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's limits compiled at one version of its entitlements, with the ones that apply worked
 * out once per route (and key, where a limit counts by key). Thread-safe.
 */
final class LimitSet {
  final TenantEscrow escrow;
  final Entitlements entitlements;
  final List<CompiledLimit> limits;
  private final ConcurrentHashMap<Demand, AppliedLimits> applied = new ConcurrentHashMap<>(4);

  /** Null where no limit counts by key. */
  private final @Nullable ConcurrentHashMap<String, ConcurrentHashMap<Demand, AppliedLimits>>
      appliedByKey;

  LimitSet(TenantEscrow escrow, Entitlements entitlements, List<CompiledLimit> limits) {
    this.escrow = escrow;
    this.entitlements = entitlements;
    this.limits = limits;
    boolean byKey = limits.stream().anyMatch(limit -> limit.scope().kind() == Scope.Kind.KEY);
    this.appliedByKey = byKey ? new ConcurrentHashMap<>(4) : null;
  }

  /** The limits that apply to a call. */
  AppliedLimits applied(String keyId, Demand demand) {
    return appliedByKey == null
        ? find(applied, keyId, demand)
        : find(
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

  /** All that was worked out so far. */
  void forEach(Consumer<AppliedLimits> what) {
    applied.values().forEach(what);
    if (appliedByKey != null) {
      appliedByKey.values().forEach(ofKey -> ofKey.values().forEach(what));
    }
  }

  /** What was worked out names a counter that is gone. */
  void forget(AppliedLimits stale) {
    applied.remove(stale.demand, stale);
    ConcurrentHashMap<Demand, AppliedLimits> ofKey =
        appliedByKey == null ? null : appliedByKey.get(stale.keyId);
    if (ofKey != null) {
      ofKey.remove(stale.demand, stale);
    }
  }

  /** A key has been silent: what was worked out for it goes. */
  void forgetKey(String keyId, Consumer<AppliedLimits> what) {
    ConcurrentHashMap<Demand, AppliedLimits> ofKey =
        appliedByKey == null ? null : appliedByKey.remove(keyId);
    if (ofKey != null) {
      ofKey.values().forEach(what);
    }
  }

  private AppliedLimits find(
      ConcurrentHashMap<Demand, AppliedLimits> in, String keyId, Demand demand) {
    AppliedLimits known = in.get(demand);
    return known != null ? known : in.computeIfAbsent(demand, asked -> apply(keyId, asked));
  }

  private AppliedLimits apply(String keyId, Demand demand) {
    CompiledLimit[] applying =
        limits.stream().filter(limit -> limit.weight(demand) > 0).toArray(CompiledLimit[]::new);
    return new AppliedLimits(this, appliedByKey != null, keyId, demand, escrow.shared(applying));
  }
}
