package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tenants of a plan have in common is kept once: that is most of their entitlements, in
 * memory and in the processor's caches. Parts seen lately are known, in a bounded number. Used by
 * one thread.
 */
final class CommonParts {
  private static final int SLOTS = 1 << 12;

  private final @Nullable Object[] known = new @Nullable Object[SLOTS];

  /** The same state, made of known parts as far as it can be. */
  Entitlements in(Entitlements state) {
    return new Entitlements(
        state.format(),
        state.tenant(),
        state.version(),
        state.asOf(),
        one(state.plan()),
        one(state.catalog()),
        one(state.standing()),
        state.frozenAt(),
        state.keys(),
        each(state.features()),
        each(state.rates()),
        each(state.quotas()),
        each(state.concurrencies()),
        state.storeDown(),
        each(state.origins()));
  }

  private <T> List<T> each(List<T> parts) {
    List<T> whole = find(parts);
    if (whole != null) {
      return whole;
    }
    List<T> shared = new ArrayList<>(parts.size());
    for (T part : parts) {
      shared.add(one(part));
    }
    List<T> kept = List.copyOf(shared);
    known[slot(kept)] = kept;
    return kept;
  }

  private <T> T one(T part) {
    T same = find(part);
    if (same == null) {
      known[slot(part)] = part;
      return part;
    }
    return same;
  }

  @SuppressWarnings("unchecked") // what is equal to it is of its kind
  private <T> @Nullable T find(T part) {
    Object candidate = known[slot(part)];
    return part.equals(candidate) ? (T) candidate : null;
  }

  private static int slot(Object part) {
    int hash = part.hashCode();
    return (hash ^ (hash >>> 12) ^ (hash >>> 22)) & (SLOTS - 1);
  }
}
