package io.tollgate.proxy.limit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/** Calls that hold permits, and those that lately did. Thread-safe. */
final class Holders {
  /** A call without permits for so long is not looked at any more. */
  private static final long FORGET_NANOS = 60_000_000_000L;

  private final Set<Taken> holders = ConcurrentHashMap.newKeySet();

  void watch(Taken taken) {
    holders.add(taken);
  }

  void unwatch(Taken taken) {
    holders.remove(taken);
  }

  /** Has those looked at whose time has come. */
  void look(long now) {
    holders.forEach(taken -> look(taken, now));
  }

  private void look(Taken taken, long now) {
    try {
      taken.look(now, FORGET_NANOS);
    } catch (RejectedExecutionException e) {
      // Its event loop is gone, and its calls with it: nothing is served here any more.
      holders.remove(taken);
    }
  }
}
