package io.tollgate.proxy.limit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of one route ask of a tenant's limits. Made once per route when the configuration
 * is read, compared by identity: the compiled limits of a tenant are looked up with it on every
 * call.
 *
 * <p>Immutable.
 */
public final class Demand {
  private final String routeGroup;
  private final @Nullable String feature;
  private final Map<String, Long> weights;
  private final int identity = System.identityHashCode(this);

  /**
   * A demand.
   *
   * @param routeGroup the route's group; empty for none
   * @param feature the feature the route needs; null for none
   * @param weights units of each meter a call takes, at least 0; for costs known only later an
   *     estimate, to be settled with {@link Ticket#settle}
   */
  public Demand(String routeGroup, @Nullable String feature, Map<String, Long> weights) {
    this.routeGroup = Objects.requireNonNull(routeGroup, "routeGroup");
    this.feature = feature;
    this.weights = Map.copyOf(new LinkedHashMap<>(weights));
    this.weights.forEach(
        (meter, weight) -> {
          if (weight < 0) {
            throw new IllegalArgumentException(
                "weight of meter " + meter + ": at least 0, not " + weight);
          }
        });
  }

  /** The route's group; empty for none. */
  public String routeGroup() {
    return routeGroup;
  }

  /** The feature the route needs; null for none. */
  public @Nullable String feature() {
    return feature;
  }

  /** Tells demands apart, mostly. */
  int identity() {
    return identity;
  }

  /** Units a call takes of the meter; null when the route does not count it. */
  @Nullable Long weight(String meter) {
    return weights.get(meter);
  }
}
