package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the copy on disk up with the memory, off the event loop. Called on one event loop only. A
 * disk that fails costs the copy, never a call.
 */
final class CopyWriter {
  private static final Logger LOG = LoggerFactory.getLogger(CopyWriter.class);

  private final Context home;
  private final DiskCopy copy;
  private final Supplier<List<Entitlements>> everything;
  private final AtomicLong failures = new AtomicLong();
  private List<DiskCopy.Frame> waiting = new ArrayList<>();
  private boolean writing;
  private volatile boolean anew;

  CopyWriter(Context home, DiskCopy copy, Supplier<List<Entitlements>> everything) {
    this.home = home;
    this.copy = copy;
    this.everything = everything;
  }

  long failures() {
    return failures.get();
  }

  void add(long sequence, Instant heardAt, @Nullable Entitlements state) {
    waiting.add(new DiskCopy.Frame(sequence, heardAt, state));
    if (!writing) {
      writeWaiting();
    }
  }

  /** Lets the next write replace the file instead of appending to it. */
  void startAnew() {
    anew = true;
  }

  /** Writes what waits, then closes the file. */
  Future<Void> close() {
    List<DiskCopy.Frame> frames = waiting;
    waiting = new ArrayList<>();
    return home.executeBlocking(
        () -> {
          if (!frames.isEmpty()) {
            write(frames);
          }
          copy.close();
          return null;
        });
  }

  private void writeWaiting() {
    writing = true;
    List<DiskCopy.Frame> frames = waiting;
    waiting = new ArrayList<>();
    home.<Void>executeBlocking(
            () -> {
              write(frames);
              return null;
            })
        .onComplete(
            ignored -> {
              writing = false;
              if (!waiting.isEmpty()) {
                writeWaiting();
              }
            });
  }

  private void write(List<DiskCopy.Frame> frames) {
    try {
      if (anew || copy.isWasteful()) {
        anew = false;
        DiskCopy.Frame last = frames.getLast();
        copy.rewrite(last.sequence(), last.heardAt(), everything.get());
      } else {
        copy.append(frames);
      }
    } catch (IOException | UncheckedIOException e) {
      if (failures.getAndIncrement() % 100 == 0) {
        LOG.error("the entitlements' copy on disk cannot be written", e);
      }
    }
  }
}
