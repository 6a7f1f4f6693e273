package io.tollgate.proxy.usage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One message on its way: slots of one source, and the totals read from them. It is written as it
 * goes, without an object for each total: thousands of them are sent every second by the thread
 * that serves calls.
 */
final class Parcel {
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);
  private static final JsonFactory JSON = new JsonFactory();

  /** Bytes of a total, roughly. */
  private static final int USUAL = 96;

  private final Source source;
  private final List<Slot> slots = new ArrayList<>();
  private long[] totals = new long[64];

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
        parcel.add(slot, total);
      }
    }
    return parcel;
  }

  private void add(Slot slot, long total) {
    if (slots.size() == totals.length) {
      totals = Arrays.copyOf(totals, 2 * totals.length);
    }
    totals[slots.size()] = total;
    slots.add(slot);
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

  /** A {@link UsageTotals} under the source's next sequence, as it stands on the wire. */
  byte[] message() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL * (slots.size() + 2));
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("format", UsageTotals.FORMAT);
      json.writeStringField("source", source.name());
      json.writeStringField("incarnation", source.incarnation());
      json.writeNumberField("sequence", source.nextSequence());
      json.writeArrayFieldStart("totals");
      writeTotals(json);
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a message is written to memory", e);
    }
    return bytes.toByteArray();
  }

  private void writeTotals(JsonGenerator json) throws IOException {
    long hour = Long.MIN_VALUE;
    String text = "";
    for (int i = 0; i < slots.size(); i++) {
      SlotKey key = slots.get(i).key();
      if (key.hour() != hour) {
        hour = key.hour();
        text = instant(key).toString();
      }
      json.writeStartObject();
      json.writeStringField("tenant", key.tenant());
      json.writeStringField("meter", key.meter());
      json.writeStringField("hour", text);
      json.writeNumberField("total", totals[i]);
      json.writeEndObject();
    }
  }

  private static Instant instant(SlotKey key) {
    return Instant.ofEpochMilli(key.hour() * HOUR);
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
      if (!never.isEmpty() && never.contains(total(i))) {
        refusedUnits += totals[i] - slot.acknowledged();
      }
      slot.acknowledge(totals[i]);
    }
    return refusedUnits;
  }

  private UsageTotal total(int i) {
    SlotKey key = slots.get(i).key();
    return new UsageTotal(key.tenant(), key.meter(), instant(key), totals[i]);
  }
}
