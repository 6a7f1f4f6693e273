package io.tollgate.proxy;

import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.route.Routes;
import io.tollgate.proxy.tenant.TenantResolver;
import java.util.IdentityHashMap;

/** Routes, what they mean to each room, and whose calls are whose; swapped whole by a reload. */
record RouteTable(Routes routes, IdentityHashMap<Route, RoutePlan> plans, TenantResolver tenants) {
  static RouteTable of(Routes routes, TenantResolver tenants, ProxyMetrics metrics) {
    return new RouteTable(routes, RoutePlan.of(routes, metrics), tenants);
  }
}
