package io.tollgate.proxy.limit;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has a node's tenants say what they spent before it leaves: so many at a time, lest what all of
 * them have to say fill the heap. Thread-safe.
 */
final class Leaving {
  /** Tenants that speak at a time. */
  static final int AT_ONCE = 1_000;

  /** Of whoever is in {@link #goOn}. */
  private final Queue<TenantEscrow> waiting;

  private final AtomicInteger missing;
  private final AtomicInteger room = new AtomicInteger(AT_ONCE);
  private final AtomicInteger asked = new AtomicInteger();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private Leaving(Collection<TenantEscrow> tenants) {
    this.waiting = new ArrayDeque<>(tenants);
    this.missing = new AtomicInteger(waiting.size() + 1);
  }

  /** Completes when all have been heard. */
  static CompletableFuture<Void> of(Collection<TenantEscrow> tenants) {
    Leaving leaving = new Leaving(tenants);
    leaving.goOn();
    leaving.heard();
    return leaving.done;
  }

  private void left() {
    room.incrementAndGet();
    heard();
    goOn();
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
        CompletableFuture<Void> returned = new CompletableFuture<>();
        var unused = returned.thenRun(this::left);
        waiting.remove().leave(() -> returned.complete(null));
      }
      served = asked.addAndGet(-served);
    }
  }
}
