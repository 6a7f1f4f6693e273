package io.tollgate.proxy.limit;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Has a node's tenants say what they spent before it leaves: so many at a time, lest what all of
 * them have to say fill the heap. One whose cell or root does not answer makes room for others
 * after a while. Thread-safe.
 */
final class Leaving {
  /** Tenants that speak at a time. */
  static final int AT_ONCE = 1_000;

  /** How long one that is not answered keeps its place: a quarter of the time a node waits. */
  static final long PATIENCE_NANOS = 500_000_000L;

  private final LongSupplier nanos;

  /** Of whoever is in {@link #goOn}. */
  private final Queue<TenantEscrow> waiting;

  /** In the order in which they were taken; some that were left are among them. */
  private final Queue<Place> places = new ConcurrentLinkedQueue<>();

  private final AtomicInteger missing;
  private final AtomicInteger room = new AtomicInteger(AT_ONCE);
  private final AtomicInteger asked = new AtomicInteger();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /** One tenant's among those that speak: left once, for an answer or for want of one. */
  private record Place(long since, AtomicBoolean left) {}

  Leaving(Collection<TenantEscrow> tenants, LongSupplier nanos) {
    this.waiting = new ArrayDeque<>(tenants);
    this.missing = new AtomicInteger(waiting.size() + 1);
    this.nanos = nanos;
  }

  /** Begins; completes when all have been heard. */
  CompletableFuture<Void> begin() {
    goOn();
    heard();
    return done;
  }

  /** Those that nobody answers make room. To be called often, by one thread. */
  void tick() {
    long now = nanos.getAsLong();
    Place oldest = places.peek();
    while (oldest != null && (oldest.left().get() || now - oldest.since() >= PATIENCE_NANOS)) {
      places.remove();
      leave(oldest);
      oldest = places.peek();
    }
    goOn();
  }

  private void answered(Place place) {
    leave(place);
    heard();
    goOn();
  }

  private void leave(Place place) {
    if (!place.left().getAndSet(true)) {
      room.incrementAndGet();
    }
  }

  private void heard() {
    if (missing.decrementAndGet() == 0) {
      done.complete(null);
    }
  }

  /**
   * One goes on for all who ask: an answer that comes at once would else lie on another's stack.
   */
  private void goOn() {
    int served = 1;
    if (asked.getAndIncrement() > 0) {
      return;
    }
    while (served != 0) {
      while (room.get() > 0 && !waiting.isEmpty()) {
        room.decrementAndGet();
        Place place = new Place(nanos.getAsLong(), new AtomicBoolean());
        places.add(place);
        CompletableFuture<Void> returned = new CompletableFuture<>();
        var unused = returned.thenRun(() -> answered(place));
        waiting.remove().leave(() -> returned.complete(null));
      }
      served = asked.addAndGet(-served);
    }
  }
}
