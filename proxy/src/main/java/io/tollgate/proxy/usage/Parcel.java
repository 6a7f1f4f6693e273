package io.tollgate.proxy.usage;

import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One message on its way: slots of one source, and the totals read from them. */
final class Parcel {
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);

  private final Source source;
  private final List<Slot> slots = new ArrayList<>();
  private final List<UsageTotal> totals = new ArrayList<>();

  private Parcel(Source source) {
    this.source = source;
  }

  /** Takes up to {@code most} slots from the queue; those already acknowledged are let go. */
  static Parcel fill(Source source, Queue<Slot> queue, int most) {
    Parcel parcel = new Parcel(source);
    while (parcel.slots.size() < most) {
      Slot slot = queue.poll();
      if (slot == null) {
        break;
      }
      // First out of the backlog, then the total: what is added from now on puts it in again.
      slot.dequeue();
      long total = slot.total();
      if (total > slot.acknowledged()) {
        SlotKey key = slot.key();
        Instant hour = Instant.ofEpochMilli(key.hour() * HOUR);
        parcel.slots.add(slot);
        parcel.totals.add(new UsageTotal(key.tenant(), key.meter(), hour, total));
      }
    }
    return parcel;
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  int size() {
    return slots.size();
  }

  List<Slot> slots() {
    return slots;
  }

  UsageTotals message() {
    return new UsageTotals(
        UsageTotals.FORMAT, source.name(), source.incarnation(), source.nextSequence(), totals);
  }

  /**
   * Takes note that the control plane answered for every total, refusals included.
   *
   * @return the units among them that it refused and that were not refused before
   */
  long acknowledge(List<UsageTotal> refused) {
    Set<UsageTotal> never = new HashSet<>(refused);
    long refusedUnits = 0;
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      UsageTotal total = totals.get(i);
      if (never.contains(total)) {
        refusedUnits += total.total() - slot.acknowledged();
      }
      slot.acknowledge(total.total());
    }
    return refusedUnits;
  }
}
