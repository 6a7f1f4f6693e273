package io.tollgate.proxy.usage;

import java.util.ArrayList;
import java.util.List;

/**
 * Slots with units to ship, in the order they came. Pushed to by any thread, emptied as a whole by
 * one. The slots stand in one list and are not linked to each other: with many tenants a link would
 * be a reference written into an old object at almost every call, and the collector goes over what
 * lies around each of them. A slot comes in once between two messages, so that the lock is seldom
 * asked for; whoever holds it adds to the list or swaps it.
 */
final class Backlog {
  private static final int USUAL = 256;

  private List<Slot> slots = new ArrayList<>(USUAL);
  private int taken = USUAL;

  /** Puts the slot in unless it is there already. */
  void push(Slot slot, long nowMillis) {
    if (slot.enqueue(nowMillis)) {
      synchronized (this) {
        slots.add(slot);
      }
    }
  }

  /** Takes everything out; each is still to be dequeued. */
  List<Slot> takeAll() {
    // Most of what came last time comes again.
    List<Slot> next = new ArrayList<>(taken);
    synchronized (this) {
      List<Slot> all = slots;
      slots = next;
      taken = Math.max(USUAL, all.size() + all.size() / 8);
      return all;
    }
  }
}
