package io.tollgate.proxy.route;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a matching call is: which group it counts for, what it needs, what it weighs, where it goes.
 * Immutable; compared by identity on the hot path.
 *
 * @param name unique; appears in metrics and logs
 * @param group the route group that limits may be scoped to
 * @param feature the feature a tenant must have; null for none
 * @param write true or false where the file says so; null goes by the method: GET, HEAD, OPTIONS
 *     and TRACE read, everything else writes
 * @param meters what a call counts for on each meter
 * @param billing which answers are billed
 * @param upstream the service's name
 * @param responseTimeout overrides the upstream's; null keeps it
 * @param idleTimeout overrides the upstream's wait between two pieces of a body; null keeps it
 * @param match which calls
 */
public record Route(
    String name,
    String group,
    @Nullable String feature,
    @Nullable Boolean write,
    List<RouteMeter> meters,
    Billing billing,
    String upstream,
    @Nullable Duration responseTimeout,
    @Nullable Duration idleTimeout,
    RouteMatch match) {
  /** One call, one unit: what a route without {@code meters} weighs. */
  public static final List<RouteMeter> CALLS = List.of(RouteMeter.calls("calls", 1));

  public Route {
    meters = List.copyOf(meters);
  }

  /** Whether a call by this method changes something, for tenants that may only read. */
  public boolean writes(String method) {
    if (write != null) {
      return write;
    }
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE" -> false;
      default -> true;
    };
  }
}
