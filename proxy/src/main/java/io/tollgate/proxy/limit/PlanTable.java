package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The applied limits found by a document's identity and a route, without a map: most calls find
 * theirs here. A bounded cache, two ways a set; beside each entry lies the array of its leases, so
 * that a processor fetches both at once. Thread-safe; entries may be lost to each other, never
 * mixed up.
 */
final class PlanTable {
  /** Entries: a power of two, a few times the tenants of a busy node. */
  private static final int ENTRIES = 1 << 15;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  private final @Nullable Object[] slots = new @Nullable Object[2 * ENTRIES];

  /** The limits that apply to such a call; null when they are not here. */
  @Nullable AppliedLimits find(Entitlements entitlements, String keyId, Demand demand) {
    int slot = slot(entitlements, demand);
    AppliedLimits found = at(slot, entitlements, keyId, demand);
    return found != null ? found : at(slot ^ 2, entitlements, keyId, demand);
  }

  @SuppressWarnings("ReferenceEquality")
  private @Nullable AppliedLimits at(
      int slot, Entitlements entitlements, String keyId, Demand demand) {
    Object words = SLOT.getAcquire(slots, slot + 1);
    return SLOT.getAcquire(slots, slot) instanceof AppliedLimits entry
            && entry.entitlements == entitlements
            && entry.demand == demand
            && entry.words == words
            && (!entry.isByKey || entry.keyId.equals(keyId))
        ? entry
        : null;
  }

  void put(AppliedLimits limits) {
    int slot = slot(limits.entitlements, limits.demand);
    int into = SLOT.getAcquire(slots, slot) == null ? slot : slot ^ 2;
    if (SLOT.getAcquire(slots, into) != null) {
      // Both ways are taken: the newer one goes first, the older of the two goes.
      into = slot;
    }
    SLOT.setRelease(slots, into + 1, limits.words);
    SLOT.setRelease(slots, into, limits);
  }

  /** Superseded, or its tenant idle: nothing of it stays in memory. */
  void forget(AppliedLimits limits) {
    int slot = slot(limits.entitlements, limits.demand);
    forget(slot, limits);
    forget(slot ^ 2, limits);
  }

  private void forget(int slot, AppliedLimits limits) {
    if (SLOT.getAcquire(slots, slot) == limits) {
      SLOT.setRelease(slots, slot, null);
      SLOT.setRelease(slots, slot + 1, null);
    }
  }

  /** Both ways of a set lie in one line of memory. */
  private static int slot(Entitlements entitlements, Demand demand) {
    int mixed = System.identityHashCode(entitlements) + demand.identity() * 0x9E3779B9;
    return 2 * (mixed & (ENTRIES - 1));
  }
}
