package io.tollgate.proxy;

import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Gives back what a rush of calls has left in the heap. What has come into the serial collector's
 * old generation stays there, and with the process, until that generation is full; so it is
 * collected while nobody calls, once after each rush that has left enough.
 */
final class Rest {
  /** So much more than was kept last is worth stopping a process that rests. */
  static final long WORTH_BYTES = 16 << 20;

  private static final long LOOK_MILLIS = 10_000;
  private static final String OLD_GENERATION = "Tenured Gen";

  private final BooleanSupplier busy;
  private final LongSupplier calls;
  private final LongSupplier oldBytes;
  private final Runnable collect;
  private long lastCalls = -1;
  private long kept;

  /**
   * Looks when told to.
   *
   * @param busy whether calls are under way
   * @param calls how many have ended
   * @param oldBytes in use in the old generation
   * @param collect collects it
   */
  Rest(BooleanSupplier busy, LongSupplier calls, LongSupplier oldBytes, Runnable collect) {
    this.busy = busy;
    this.calls = calls;
    this.oldBytes = oldBytes;
    this.collect = collect;
  }

  /** Looks after this JVM's heap every 10 s; under other collectors than the serial one never. */
  static AutoCloseable begin(Vertx vertx, BooleanSupplier busy, LongSupplier calls) {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getName().equals(OLD_GENERATION)) {
        Rest rest = new Rest(busy, calls, () -> pool.getUsage().getUsed(), System::gc);
        long timer = vertx.setPeriodic(LOOK_MILLIS, tick -> rest.look());
        return () -> vertx.cancelTimer(timer);
      }
    }
    return () -> {};
  }

  /** Collects where nobody has called since the last look, and it is worth it. */
  void look() {
    long ended = calls.getAsLong();
    boolean rests = ended == lastCalls && !busy.getAsBoolean();
    lastCalls = ended;
    if (rests && oldBytes.getAsLong() > kept + WORTH_BYTES) {
      collect.run();
      kept = oldBytes.getAsLong();
    }
  }
}
