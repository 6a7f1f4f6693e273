package io.tollgate.proxy.forward;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.tollgate.proxy.config.UpstreamSettings;
import java.util.ArrayList;
import java.util.List;

/** One upstream as one event loop sees it: its addresses and the choice among them. */
final class Upstream {
  private final Connector connector;
  private final UpstreamSettings settings;
  private final List<AddressPool> pools;
  private final CircuitBreaker breaker;
  private int turn;

  Upstream(Connector connector, UpstreamSettings settings, UpstreamHealth known) {
    this.connector = connector;
    List<AddressHealth> health = known.of(settings);
    this.breaker = known.breaker(settings);
    this.settings = settings;
    List<AddressPool> made = new ArrayList<>();
    for (int i = 0; i < settings.endpoints().size(); i++) {
      made.add(new AddressPool(connector, settings, settings.endpoints().get(i), health.get(i)));
    }
    this.pools = List.copyOf(made);
  }

  CircuitBreaker breaker() {
    return breaker;
  }

  UpstreamSettings settings() {
    return settings;
  }

  /** The address for the next call. Where none is healthy, all are tried. */
  AddressPool choose(long now) {
    int size = pools.size();
    if (size == 1) {
      return pools.get(0);
    }
    turn = turn + 1 == size ? 0 : turn + 1;
    AddressPool best = pools.get(turn);
    boolean bestHealthy = best.health().isHealthy(now);
    for (int i = 1; i < size; i++) {
      AddressPool other = pools.get((turn + i) % size);
      boolean healthy = other.health().isHealthy(now);
      if (healthy == bestHealthy ? isLess(other, best) : healthy) {
        best = other;
        bestHealthy = healthy;
      }
    }
    return best;
  }

  private boolean isLess(AddressPool other, AddressPool best) {
    return switch (settings.balance()) {
      case ROUND_ROBIN -> false;
      case LEAST_REQUESTS -> other.load() < best.load();
    };
  }

  void sweep(long now) {
    for (AddressPool pool : pools) {
      pool.sweep(now);
    }
  }

  /** Whether no connection is left. */
  boolean isEmpty() {
    return pools.stream().allMatch(AddressPool::isEmpty);
  }

  /** Closes its own clients; every connection is gone or goes with them. */
  void close() {
    connector.close();
  }

  /** The HTTP a call needs. */
  Connector.Offer wanted(boolean grpc, boolean upgrade) {
    return switch (settings.protocol()) {
      case HTTP1 -> Connector.Offer.HTTP1;
      case HTTP2 -> Connector.Offer.HTTP2;
      case AUTO -> {
        if (upgrade) {
          yield Connector.Offer.HTTP1;
        }
        if (settings.tls() != null) {
          yield Connector.Offer.EITHER;
        }
        yield grpc ? Connector.Offer.HTTP2 : Connector.Offer.HTTP1;
      }
    };
  }

  void closeResting() {
    for (AddressPool pool : pools) {
      pool.closeResting();
    }
  }
}
