package io.tollgate.proxy.usage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One counter's record: a source's units of one tenant and meter in one hour. Thread-safe.
 *
 * <p>A slot whose total changed since it was last shipped stands in the {@link Backlog}, once. The
 * order "add, then look whether it stands there" here, and "take it out, then read the total" in
 * the shipper, each with full fences, lets no unit slip between the two.
 */
final class Slot {
  private static final VarHandle QUEUED;

  static {
    try {
      QUEUED = MethodHandles.lookup().findVarHandle(Slot.class, "queued", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Segment segment;
  private final int record;
  private final Source source;
  private final SlotKey key;
  private final long hour;

  @SuppressWarnings("unused") // by its handle
  private volatile boolean queued;

  private volatile long unshippedSince;

  Slot(Segment segment, int record, Source source, SlotKey key) {
    this.segment = segment;
    this.record = record;
    this.source = source;
    this.key = key;
    this.hour = key.hour();
  }

  /** The hour it counts; here, because every addition asks. */
  long hour() {
    return hour;
  }

  SlotKey key() {
    return key;
  }

  Source source() {
    return source;
  }

  Segment segment() {
    return segment;
  }

  /** Adds units; false if the record was sealed, so that they must be counted elsewhere. */
  boolean add(long units) {
    return segment.getAndAdd(record, units) >= 0;
  }

  /** Raises the total to at least this; false if the record was sealed. */
  boolean raise(long total) {
    for (long seen = segment.word(record); seen >= 0; seen = segment.word(record)) {
      if (seen >= total || segment.replace(record, seen, total)) {
        return true;
      }
    }
    return false;
  }

  /** Units counted. */
  long total() {
    return segment.word(record) & ~Segment.SEALED;
  }

  /** The greatest total the control plane has answered for. */
  long acknowledged() {
    return segment.acknowledged(record);
  }

  /** Takes note of an answer; called by the shipper only. */
  void acknowledge(long total) {
    if (total > acknowledged()) {
      segment.acknowledge(record, total);
    }
    unshippedSince = 0;
  }

  /** Closes the record if all of it is acknowledged; false if it is not. */
  boolean seal() {
    long total = segment.word(record);
    if (total < 0) {
      return true;
    }
    return total == acknowledged() && segment.replace(record, total, total | Segment.SEALED);
  }

  boolean isSealed() {
    return segment.word(record) < 0;
  }

  /** Marks it as standing in the backlog; false if it stood there already. */
  boolean enqueue(long nowMillis) {
    if (queued || !QUEUED.compareAndSet(this, false, true)) {
      return false;
    }
    if (unshippedSince == 0) {
      unshippedSince = nowMillis;
    }
    segment.touch();
    return true;
  }

  /** Marks it as taken out of the backlog, before its total is read. */
  void dequeue() {
    QUEUED.setVolatile(this, false);
  }

  /** Since when units wait here to be acknowledged; 0 for never. */
  long unshippedSince() {
    return unshippedSince;
  }
}
