package io.tollgate.controlplane.web;

import java.util.Set;

/** What a token may do. */
public enum Role {
  /** Everything, tokens and catalogs included. */
  ADMIN,
  /** The daily business: tenants, subscriptions, invoices, payments. */
  OPERATOR,
  /** Reads everything, changes nothing. */
  VIEWER,
  /** A proxy: entitlements down, usage up. */
  PROXY,
  /** A customer: reads what is its own. */
  TENANT;

  /** Admins only. */
  public static final Set<Role> ADMINS = Set.of(ADMIN);

  /** Who changes business data. */
  public static final Set<Role> STAFF = Set.of(ADMIN, OPERATOR);

  /** Who reads across tenants. */
  public static final Set<Role> WATCHERS = Set.of(ADMIN, OPERATOR, VIEWER);

  /** Who reads one tenant's data: those who read everything, and the tenant itself. */
  public static final Set<Role> READERS = Set.of(ADMIN, OPERATOR, VIEWER, TENANT);

  /** Staff, and the tenant for itself. */
  public static final Set<Role> STAFF_OR_TENANT = Set.of(ADMIN, OPERATOR, TENANT);

  /** Proxies only. */
  public static final Set<Role> PROXIES = Set.of(PROXY);
}
