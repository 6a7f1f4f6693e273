package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Health;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all event loops learn about one address: failures in a row eject it for a while, a failed
 * active check until the next good one. Thread-safe.
 */
final class AddressHealth {
  private final Health settings;
  private final AtomicInteger failuresInARow = new AtomicInteger();
  private volatile long ejectedUntil = Long.MIN_VALUE;
  private volatile boolean failsChecks;

  AddressHealth(Health settings) {
    this.settings = settings;
  }

  boolean isHealthy(long now) {
    long until = ejectedUntil;
    return !failsChecks && (until == Long.MIN_VALUE || now - until >= 0);
  }

  void succeeded() {
    if (failuresInARow.get() != 0) {
      failuresInARow.set(0);
    }
  }

  /**
   * A failure seen in passing.
   *
   * @return whether it ejects the address
   */
  boolean failed(long now) {
    if (failuresInARow.incrementAndGet() < settings.failures()) {
      return false;
    }
    failuresInARow.set(0);
    ejectedUntil = now + settings.ejection().toNanos();
    return true;
  }

  /**
   * What an active check found.
   *
   * @return whether that is news
   */
  boolean checked(boolean healthy) {
    boolean news = failsChecks == healthy;
    failsChecks = !healthy;
    return news;
  }
}
