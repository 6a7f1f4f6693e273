package io.tollgate.proxy.upstream;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.tollgate.proxy.config.UpstreamSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One upstream as one event loop sees it: its addresses, the choice among them, and whether its
 * circuit breaker lets calls pass. Used on that event loop only.
 */
public final class Upstream {
  private final Connector connector;
  private final UpstreamSettings settings;
  private final List<AddressPool> pools;
  private final CircuitBreaker breaker;
  private final RetryBudget retries;
  private int turn;

  Upstream(Connector connector, UpstreamSettings settings, UpstreamHealth known) {
    this.connector = connector;
    List<AddressHealth> health = known.of(settings);
    this.breaker = known.breaker(settings);
    this.retries = new RetryBudget(settings.retries(), System.nanoTime());
    this.settings = settings;
    List<AddressPool> made = new ArrayList<>();
    for (int i = 0; i < settings.endpoints().size(); i++) {
      made.add(new AddressPool(connector, settings, settings.endpoints().get(i), health.get(i)));
    }
    this.pools = List.copyOf(made);
  }

  /** Whether the circuit breaker lets a call pass, which then has to tell how it went. */
  public boolean permits() {
    return breaker.tryAcquirePermission();
  }

  /** A permitted call was answered, so many nanoseconds after it began. */
  public void answered(long nanos) {
    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
  }

  /** A permitted call got no answer. */
  public void failed(long nanos, UpstreamFailure failure) {
    breaker.onError(nanos, TimeUnit.NANOSECONDS, new Lost(failure));
  }

  /** A permitted call ended without saying anything of the upstream. */
  public void released() {
    breaker.releasePermission();
  }

  /** What the breaker is told; without a stack, which nobody would look at. */
  private static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Lost(UpstreamFailure failure) {
      super(failure.label(), null, false, false);
    }
  }

  /** As configured. */
  public UpstreamSettings settings() {
    return settings;
  }

  /** Whether a call may be sent once more although the upstream may have begun with it. */
  public boolean mayRepeat() {
    return retries.take(System.nanoTime());
  }

  /** The address for a call's first try. Where none is healthy, all are tried. */
  public AddressPool choose() {
    retries.called();
    return choose(null);
  }

  /** The address for another try: another one than that, if there is one. */
  public AddressPool chooseOtherThan(AddressPool failed) {
    return choose(failed);
  }

  private AddressPool choose(@Nullable AddressPool failed) {
    long now = System.nanoTime();
    int size = pools.size();
    if (size == 1) {
      return pools.get(0);
    }
    turn = turn + 1 == size ? 0 : turn + 1;
    AddressPool best = null;
    boolean bestHealthy = false;
    for (int i = 0; i < size; i++) {
      AddressPool other = pools.get((turn + i) % size);
      if (isSame(other, failed)) {
        continue;
      }
      boolean healthy = other.health().isHealthy(now);
      if (best == null || (healthy == bestHealthy ? isLess(other, best) : healthy)) {
        best = other;
        bestHealthy = healthy;
      }
    }
    return best == null ? pools.get(turn) : best;
  }

  @SuppressWarnings("ReferenceEquality") // a pool is itself alone
  private static boolean isSame(AddressPool one, @Nullable AddressPool other) {
    return one == other;
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

  void closeResting() {
    for (AddressPool pool : pools) {
      pool.closeResting();
    }
  }
}
