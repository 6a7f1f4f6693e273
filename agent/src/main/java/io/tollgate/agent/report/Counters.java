package io.tollgate.agent.report;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The counters of all tenants, bounded: tenants beyond the bound share one, so that their calls are
 * still counted though no longer told apart. Safe for use by any thread.
 */
public final class Counters {
  /** Longer names are no tenant's, and are counted with the calls of nobody. */
  private static final int LONGEST_TENANT = 200;

  private final ConcurrentHashMap<String, TenantCounters> byTenant = new ConcurrentHashMap<>();
  private final TenantCounters overflow;
  private final TenantCounters nobody;
  private final int features;
  private final int mostTenants;
  private int tenants;

  /**
   * Counters at zero.
   *
   * @param features how many features there are
   * @param mostTenants how many tenants have counters of their own
   * @param overflowTenant under whose name all others are counted
   */
  public Counters(int features, int mostTenants, String overflowTenant) {
    this.features = features;
    this.mostTenants = mostTenants;
    this.overflow = new TenantCounters(overflowTenant, features);
    this.nobody = new TenantCounters("", features);
  }

  /**
   * The counters of a tenant.
   *
   * @param tenant the tenant's id
   * @return its own counters, or the shared ones
   */
  public TenantCounters of(String tenant) {
    TenantCounters known = byTenant.get(tenant);
    return known == null ? add(tenant) : known;
  }

  /**
   * The counters of calls that serve no tenant's request. They are never delivered.
   *
   * @return the same at each call
   */
  public TenantCounters nobody() {
    return nobody;
  }

  private synchronized TenantCounters add(String tenant) {
    TenantCounters known = byTenant.get(tenant);
    if (known != null) {
      return known;
    }
    if (tenant.isEmpty() || tenant.length() > LONGEST_TENANT) {
      return nobody;
    }
    if (tenants == mostTenants) {
      return overflow;
    }
    tenants++;
    TenantCounters added = new TenantCounters(tenant, features);
    byTenant.put(tenant, added);
    return added;
  }

  /** Counters of each tenant by itself. */
  Collection<TenantCounters> each() {
    return byTenant.values();
  }

  TenantCounters overflow() {
    return overflow;
  }
}
