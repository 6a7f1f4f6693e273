package io.tollgate.examples.quickstart;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The running processes. They stop in the reverse order of their start, so that each can still hand
 * over to the ones it depends on; when one ends by itself, the others are ended too.
 */
final class Fleet implements AutoCloseable {
  private static final long READY_WITHIN_MILLIS = 120_000;

  private final Deque<Service> running = new ArrayDeque<>();
  private final Consumer<String> onDeath;
  private boolean stopping;
  private @Nullable Roll roll;

  /**
   * A fleet without any process.
   *
   * @param onDeath told the cause, once, when a process ends that nobody asked to
   */
  Fleet(Consumer<String> onDeath) {
    this.onDeath = onDeath;
  }

  /** Has the processes added from now on entered in a roll. */
  synchronized void keep(Roll kept) {
    roll = kept;
  }

  /** Adds a started process. Processes stop in the reverse order of these calls. */
  void add(Service service) {
    synchronized (this) {
      if (stopping) {
        service.stop();
        throw new QuickstartException("stopping");
      }
      running.push(service);
      if (roll != null) {
        roll.add(service.handle());
      }
    }
    // Named so because nobody waits for it: its only effect is to tell of the process's end.
    CompletableFuture<Void> unused = service.handle().onExit().thenRun(() -> died(service));
  }

  /** Waits until an added process is ready. */
  static void await(Service service, BooleanSupplier ready) throws InterruptedException {
    long deadline = System.nanoTime() + READY_WITHIN_MILLIS * 1_000_000;
    while (!ready.getAsBoolean()) {
      if (!service.isAlive()) {
        throw new QuickstartException(service.epitaph());
      }
      if (System.nanoTime() > deadline) {
        throw new QuickstartException(
            service.name() + " was not ready within " + READY_WITHIN_MILLIS / 1000 + " s");
      }
      Thread.sleep(50);
    }
  }

  /** What is to be said of a process that ended by itself; empty while all of them run. */
  synchronized Optional<String> epitaph() {
    return running.stream().filter(service -> !service.isAlive()).findFirst().map(Service::epitaph);
  }

  private void died(Service service) {
    synchronized (this) {
      if (stopping || !running.contains(service)) {
        return;
      }
    }
    onDeath.accept(service.epitaph());
  }

  /** Stops every process, the last started first. Idempotent. */
  @Override
  public void close() {
    Deque<Service> toStop;
    @Nullable Roll toStrike;
    synchronized (this) {
      stopping = true;
      toStop = new ArrayDeque<>(running);
      running.clear();
      toStrike = roll;
      roll = null;
    }
    toStop.forEach(Service::stop);
    if (toStrike != null) {
      toStrike.close();
    }
  }
}
