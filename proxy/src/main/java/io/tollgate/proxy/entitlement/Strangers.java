package io.tollgate.proxy.entitlement;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.proxy.tenant.ApiKey;
import java.time.Duration;

/**
 * Who is not held: keys and tenants that nobody knows, for a while, so that they are not asked for
 * again; and versions of tenants that passed by, since a look-up under way may be older.
 * Thread-safe.
 */
final class Strangers {
  private static final Duration PASSED_FOR = Duration.ofMinutes(1);

  private final Cache<ApiKey, Boolean> keys;
  private final Cache<String, Boolean> tenants;
  private final Cache<String, Long> passedBy;

  Strangers(CacheSettings settings) {
    this.keys = cache(settings.unknownKeys(), settings.unknownKeysFor());
    this.tenants = cache(settings.unknownKeys(), settings.unknownKeysFor());
    this.passedBy = cache(settings.tenants(), PASSED_FOR);
  }

  private static <K, V> Cache<K, V> cache(long most, Duration kept) {
    return Caffeine.newBuilder()
        .maximumSize(most)
        .expireAfterWrite(kept)
        .executor(Runnable::run)
        .build();
  }

  boolean has(ApiKey key) {
    return keys.getIfPresent(key) != null;
  }

  boolean has(String tenant) {
    return tenants.getIfPresent(tenant) != null;
  }

  /** Nobody knows the key. */
  void add(ApiKey key) {
    keys.put(key, true);
  }

  /** Nobody knew the tenant when that was asked: unless it has passed by since. */
  void add(String tenant) {
    if (passedBy.getIfPresent(tenant) == null) {
      tenants.put(tenant, true);
    }
  }

  /** A tenant is known, and whose these keys are. */
  void known(Entitlements state) {
    tenants.invalidate(state.tenant());
    for (KeyHash key : state.keys()) {
      keys.invalidate(ApiKey.ofSha256(key.sha256()));
    }
  }

  /** A tenant that is not held was changed. */
  void passed(Entitlements state) {
    passedBy.put(state.tenant(), state.version());
    known(state);
  }

  /** Whether a later version than this passed by. */
  boolean isOutdated(Entitlements found) {
    Long passed = passedBy.getIfPresent(found.tenant());
    return passed != null && passed > found.version();
  }

  /** Who was unknown may be known by now. */
  void askAgain() {
    keys.invalidateAll();
    tenants.invalidateAll();
  }

  /** Whatever was heard is of another control plane. */
  void forget() {
    askAgain();
    passedBy.invalidateAll();
  }

  /** Unknown keys, about. */
  long keys() {
    return keys.estimatedSize();
  }

  /** Unknown tenants, about. */
  long tenants() {
    return tenants.estimatedSize();
  }
}
