package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.tenant.ApiKey;
import io.tollgate.proxy.tenant.Identity;
import io.tollgate.proxy.tenant.KeyDirectory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What each tenant may do, as far as this proxy has had to know it. Loads on demand, follows the
 * control plane's changes, survives a restart without it. Thread-safe.
 */
public final class EntitlementCache implements KeyDirectory {
  private EntitlementCache() {}

  /**
   * Reads the copy on disk and begins to follow the control plane. Needs no control plane to come
   * up.
   *
   * @param vertx whose event loop does the work
   * @param controlPlane whom to ask
   * @param settings bounds and policies
   * @param clock the wall clock
   */
  public static EntitlementCache open(
      Vertx vertx, ControlPlane controlPlane, CacheSettings settings, InstantSource clock) {
    return new EntitlementCache();
  }

  /** What the tenant may do; null where it must be loaded first. No I/O, no allocation. */
  public @Nullable Entitlements get(String tenant) {
    return null;
  }

  /**
   * What the tenant may do, asking the control plane where need be: one question per tenant at a
   * time, bounded in number and rate.
   *
   * @return null where there is no such tenant; fails where it cannot be told now
   */
  public Future<@Nullable Entitlements> load(String tenant) {
    return Future.failedFuture("not yet: " + tenant);
  }

  @Override
  public @Nullable Identity find(ApiKey key) {
    return null;
  }

  @Override
  public Future<Identity> load(ApiKey key) {
    return Future.succeededFuture(new Identity.Unavailable("not yet"));
  }

  /** Whether what is known may be relied on; cheap enough to ask at every call. */
  public Trust trust() {
    return Trust.HOLDS;
  }

  /** How long ago the control plane was last heard of. */
  public Duration staleness() {
    return Duration.ZERO;
  }

  /** Tells the listener of every new version of a tenant in the cache, in order per tenant. */
  public void onChange(Consumer<Entitlements> listener) {}

  /** How many tenants are in memory. */
  public long tenants() {
    return 0;
  }

  /** Stops following, writes the copy on disk. */
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
