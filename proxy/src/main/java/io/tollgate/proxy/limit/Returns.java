package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlockRequest;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Units on their way back to the quotas' roots. A return is the same however often it arrives; one
 * that does not is kept for an hour, and then its units are forfeited. Thread-safe.
 */
final class Returns {
  private static final long KEPT_NANOS = 3_600_000_000_000L;
  private static final int KEPT = 10_000;

  private final LongSupplier nanos;
  private final Queue<Late> late = new ConcurrentLinkedQueue<>();
  private final AtomicInteger kept = new AtomicInteger();
  private final AtomicBoolean trying = new AtomicBoolean();

  /** A return that did not arrive. */
  private record Late(QuotaBlockRequest request, long since) {}

  Returns(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Gives units back, trying twice.
   *
   * @param done run when it is known to have arrived, or is kept for later
   */
  void giveBack(QuotaBlockRequest request, QuotaRoot root, Runnable done) {
    long now = nanos.getAsLong();
    var unused =
        arrives(request, root)
            .thenCompose(
                arrived ->
                    arrived ? CompletableFuture.completedFuture(true) : arrives(request, root))
            .whenComplete(
                (arrived, failure) -> {
                  if (!Boolean.TRUE.equals(arrived)) {
                    keep(new Late(request, now));
                  }
                  done.run();
                });
  }

  private static CompletableFuture<Boolean> arrives(QuotaBlockRequest request, QuotaRoot root) {
    return root.request(request).handle((block, failure) -> block != null).toCompletableFuture();
  }

  private void keep(Late one) {
    if (kept.incrementAndGet() <= KEPT) {
      late.add(one);
    } else {
      kept.decrementAndGet();
    }
  }

  /** The oldest that is not given up, taken out; null for none. */
  private @Nullable Late next() {
    Late one = late.poll();
    while (one != null) {
      kept.decrementAndGet();
      if (nanos.getAsLong() - one.since() <= KEPT_NANOS) {
        return one;
      }
      one = late.poll();
    }
    return null;
  }

  /** Tries what is kept again: one after the other, as long as they arrive. */
  void tryAgain(QuotaRoot root) {
    if (late.isEmpty() || trying.getAndSet(true)) {
      return;
    }
    Late one = next();
    if (one == null) {
      trying.set(false);
      return;
    }
    var unused =
        arrives(one.request(), root)
            .whenComplete(
                (arrived, failure) -> {
                  trying.set(false);
                  if (Boolean.TRUE.equals(arrived)) {
                    tryAgain(root);
                  } else {
                    keep(one);
                  }
                });
  }
}
