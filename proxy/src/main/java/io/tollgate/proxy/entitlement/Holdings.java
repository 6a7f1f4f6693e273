package io.tollgate.proxy.entitlement;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.proxy.tenant.ApiKey;
import io.tollgate.proxy.tenant.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The tenants in memory, bounded, and the index of their keys. Of two versions of a tenant the
 * greater stays, in whatever order they come. Read by any thread, written by one.
 */
final class Holdings {
  private record Tenant(Entitlements entitlements, Map<ApiKey, Identity.Known> keys) {}

  private final Cache<String, Tenant> tenants;
  private final CommonParts parts = new CommonParts();
  private final ConcurrentMap<ApiKey, Identity.Known> keys = new ConcurrentHashMap<>();

  Holdings(int most) {
    tenants =
        Caffeine.newBuilder()
            .maximumSize(most)
            // In the evicting thread: a key never outlives its tenant.
            .executor(Runnable::run)
            .evictionListener(
                (@Nullable String name, @Nullable Tenant tenant, RemovalCause cause) -> {
                  if (tenant != null) {
                    tenant.keys.forEach(keys::remove);
                  }
                })
            .build();
  }

  @Nullable Entitlements get(String tenant) {
    Tenant held = tenants.getIfPresent(tenant);
    return held == null ? null : held.entitlements;
  }

  Identity.@Nullable Known owner(ApiKey key) {
    return keys.get(key);
  }

  boolean holds(String tenant) {
    return tenants.asMap().containsKey(tenant);
  }

  /** Keeps the state unless the same or a later one is held; whether it was kept. */
  boolean install(Entitlements received) {
    Entitlements state = parts.in(received);
    Tenant old = tenants.asMap().get(state.tenant());
    if (old != null && old.entitlements.version() >= state.version()) {
      return false;
    }
    Map<ApiKey, Identity.Known> fresh = new HashMap<>();
    for (KeyHash key : state.keys()) {
      fresh.put(ApiKey.ofSha256(key.sha256()), new Identity.Known(state.tenant(), key.id()));
    }
    keys.putAll(fresh);
    // Whoever sees the new state finds no key that it revoked.
    if (old != null) {
      old.keys.forEach(
          (key, owner) -> {
            if (!fresh.containsKey(key)) {
              keys.remove(key, owner);
            }
          });
    }
    tenants.put(state.tenant(), new Tenant(state, fresh));
    return true;
  }

  void drop(String tenant) {
    Tenant old = tenants.asMap().get(tenant);
    if (old != null) {
      old.keys.forEach(keys::remove);
      tenants.asMap().remove(tenant);
    }
  }

  /** Every tenant's state, as of some moment during the call. */
  List<Entitlements> all() {
    List<Entitlements> all = new ArrayList<>();
    tenants.asMap().values().forEach(tenant -> all.add(tenant.entitlements));
    return all;
  }

  long size() {
    return tenants.estimatedSize();
  }

  long keyCount() {
    return keys.size();
  }
}
