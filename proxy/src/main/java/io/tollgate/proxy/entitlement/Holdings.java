package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.proxy.tenant.ApiKey;
import io.tollgate.proxy.tenant.Identity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The tenants in memory, bounded, and the index of their keys. Of two versions of a tenant the
 * greater stays, in whatever order they come. Read by any thread, written by one.
 *
 * <p>Where one too many comes, one that nobody asked for lately goes (the second chance of a
 * clock): a reader only leaves a mark, where an order by use would have each call write to half a
 * dozen objects, of which the collector would have to look at each again.
 */
final class Holdings {
  /** Held ones looked at for one that goes. */
  private static final int MOST_CHANCES = 256;

  private final int most;
  private final ConcurrentMap<String, HeldTenant> tenants = new ConcurrentHashMap<>();
  private final CommonParts parts = new CommonParts();
  private final ConcurrentMap<ApiKey, Identity.Known> keys = new ConcurrentHashMap<>();
  private Iterator<HeldTenant> hand = Collections.emptyIterator();

  Holdings(int most) {
    this.most = most;
  }

  @Nullable Entitlements get(String tenant) {
    HeldTenant held = tenants.get(tenant);
    return held == null ? null : held.get();
  }

  Identity.@Nullable Known owner(ApiKey key) {
    return keys.get(key);
  }

  boolean holds(String tenant) {
    return tenants.containsKey(tenant);
  }

  /** Keeps the state unless the same or a later one is held; whether it was kept. */
  boolean install(Entitlements received) {
    Entitlements state = parts.in(received);
    HeldTenant known = tenants.get(state.tenant());
    if (known != null && known.version() >= state.version()) {
      return false;
    }
    HeldTenant held = known == null ? new HeldTenant(state) : known;
    Map<ApiKey, Identity.Known> fresh = new HashMap<>();
    for (KeyHash key : state.keys()) {
      fresh.put(ApiKey.ofSha256(key.sha256()), new Identity.Known(state.tenant(), key.id(), held));
    }
    keys.putAll(fresh);
    // Whoever sees the new state finds no key that it revoked.
    for (ApiKey key : held.keys()) {
      Identity.Known owner = keys.get(key);
      if (!fresh.containsKey(key) && owner != null && owner.held() == held) {
        keys.remove(key, owner);
      }
    }
    held.renew(state, fresh.keySet());
    if (known == null) {
      tenants.put(state.tenant(), held);
      makeRoom(held);
    }
    return true;
  }

  void drop(String tenant) {
    HeldTenant old = tenants.remove(tenant);
    if (old != null) {
      forget(old);
    }
  }

  /** A key never outlives its tenant. */
  private void forget(HeldTenant gone) {
    for (ApiKey key : gone.keys()) {
      Identity.Known owner = keys.get(key);
      if (owner != null && owner.held() == gone) {
        keys.remove(key, owner);
      }
    }
    gone.end();
  }

  private void makeRoom(HeldTenant newest) {
    for (int chances = 0; tenants.size() > most; chances++) {
      if (!hand.hasNext()) {
        hand = tenants.values().iterator();
      }
      HeldTenant next = hand.next();
      if (next != newest && (!next.takeMark() || chances >= MOST_CHANCES)) {
        tenants.remove(next.name(), next);
        forget(next);
      }
    }
  }

  /** Every tenant's state, as of some moment during the call. */
  List<Entitlements> all() {
    List<Entitlements> all = new ArrayList<>();
    for (HeldTenant held : tenants.values()) {
      Entitlements state = held.peek();
      if (state != null) {
        all.add(state);
      }
    }
    return all;
  }

  long size() {
    return tenants.size();
  }

  long keyCount() {
    return keys.size();
  }
}
