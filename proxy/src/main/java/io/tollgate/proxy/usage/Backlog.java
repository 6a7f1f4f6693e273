package io.tollgate.proxy.usage;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Slots with units to ship: a stack linked through the slots themselves, so that nothing is
 * allocated. Pushed to by any thread, emptied as a whole by one.
 */
final class Backlog {
  private final AtomicReference<@Nullable Slot> top = new AtomicReference<>();

  /** Puts the slot in unless it is there already. */
  void push(Slot slot, long nowMillis) {
    if (!slot.enqueue(nowMillis)) {
      return;
    }
    Slot seen = top.get();
    slot.next = seen;
    while (!top.compareAndSet(seen, slot)) {
      seen = top.get();
      slot.next = seen;
    }
  }

  /** Takes everything out, linked by {@link Slot#next}; each is still to be dequeued. */
  @Nullable Slot takeAll() {
    return top.getAndSet(null);
  }

  boolean isEmpty() {
    return top.get() == null;
  }
}
