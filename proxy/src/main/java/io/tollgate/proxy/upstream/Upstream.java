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
  private final KnownAddresses addresses;

  /** Those of the addresses that were known when last looked. */
  private List<AddressPool> pools = List.of();

  private List<KnownAddress> seen = List.of();

  /** Of addresses its names stand for no more: calls under way end there. */
  private final List<AddressPool> left = new ArrayList<>();

  private final CircuitBreaker breaker;
  private final RetryBudget retries;
  private int turn;

  Upstream(Connector connector, UpstreamSettings settings, UpstreamHealth known) {
    this.connector = connector;
    this.addresses = known.of(settings);
    this.breaker = known.breaker(settings);
    this.retries = new RetryBudget(settings.retries(), System.nanoTime());
    this.settings = settings;
    look();
  }

  /** Takes up the addresses that are known now. */
  @SuppressWarnings("ReferenceEquality") // there is another list where there is news
  private void look() {
    List<KnownAddress> present = addresses.present();
    if (present == seen) {
      return;
    }
    seen = present;
    List<AddressPool> before = new ArrayList<>(pools);
    pools = present.stream().map(address -> taken(before, address)).toList();
    left.addAll(before);
    before.forEach(AddressPool::closeResting);
  }

  /** What there is for an address, which is then no more among the others. */
  private AddressPool taken(List<AddressPool> before, KnownAddress address) {
    for (AddressPool pool : before) {
      if (pool.known().equals(address)) {
        before.remove(pool);
        return pool;
      }
    }
    return new AddressPool(connector, settings, address);
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

  /** Whether there is one: another one of several, or where its name has led since. */
  public boolean hasOtherThan(@Nullable AddressPool failed) {
    look();
    return pools.size() > 1 || !isSame(pools.get(0), failed);
  }

  private AddressPool choose(@Nullable AddressPool failed) {
    look();
    long now = System.nanoTime();
    int size = pools.size();
    if (size == 1) {
      return pools.get(0);
    }
    turn = turn + 1 >= size ? 0 : turn + 1;
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
    for (AddressPool pool : left) {
      pool.sweep(now);
      pool.closeResting();
    }
    left.removeIf(AddressPool::isEmpty);
  }

  /** Whether no connection is left. */
  boolean isEmpty() {
    return left.isEmpty() && pools.stream().allMatch(AddressPool::isEmpty);
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
