package io.tollgate.proxy;

import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.admin.RouteMetrics;
import io.tollgate.proxy.limit.Demand;
import io.tollgate.proxy.meter.Readings;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.route.RouteMeter;
import io.tollgate.proxy.route.Routes;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a route means to each room, worked out once when the configuration is read. */
record RoutePlan(Route route, Demand demand, Readings readings, RouteMetrics metrics) {
  /** The plans of all routes, by identity. */
  static IdentityHashMap<Route, RoutePlan> of(Routes routes, ProxyMetrics metrics) {
    IdentityHashMap<Route, RoutePlan> plans = new IdentityHashMap<>();
    for (Route route : routes.all()) {
      Map<String, Long> weights = new LinkedHashMap<>();
      for (RouteMeter meter : route.meters()) {
        if (meter.weight() > 0) {
          weights.put(meter.meter(), meter.estimate());
        }
      }
      plans.put(
          route,
          new RoutePlan(
              route,
              new Demand(route.group(), route.feature(), weights),
              Readings.of(route.meters(), route.billing()),
              metrics.route(route.name())));
    }
    return plans;
  }
}
