package io.tollgate.proxy.usage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's directory: which files there are, which record counts what. Thread-safe by one
 * lock, which the hot path never takes.
 */
final class Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  private final Path directory;
  private final int segmentBytes;
  private final FileChannel lockFile;
  private final Map<SlotKey, Slot> index = new HashMap<>();
  private final Map<Source, Source> sources = new HashMap<>();
  private final List<Segment> segments = new ArrayList<>();
  private @Nullable Segment current;
  private long lastNumber;
  private long volatileSlots;

  /**
   * What waits to be acknowledged.
   *
   * @param units how many units
   * @param totals in how many counters
   * @param since since when, in milliseconds since 1970; 0 if nothing waits
   * @param files how many files the journal has
   * @param volatileSlots counters that could not be put into a file, since the start
   */
  record Waiting(long units, long totals, long since, int files, long volatileSlots) {}

  private Ledger(Path directory, int segmentBytes, FileChannel lockFile) {
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.lockFile = lockFile;
  }

  /**
   * Takes the directory into possession. What former files hold unacknowledged is copied into a new
   * one before they are deleted; a copy that is left beside its original by a crash does no harm,
   * since of two records for the same counter the greater holds.
   */
  static Ledger open(Path directory, int segmentBytes) throws IOException {
    Files.createDirectories(directory);
    FileChannel lockFile =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Ledger ledger = new Ledger(directory, segmentBytes, lockFile);
    try {
      ledger.lock();
      ledger.takeOver();
    } catch (IOException e) {
      lockFile.close();
      throw e;
    }
    return ledger;
  }

  private void lock() throws IOException {
    FileLock lock;
    try {
      lock = lockFile.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException(
          "the journal " + directory + " is in use by another process; each proxy needs its own");
    }
  }

  private synchronized void takeOver() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(".journal")).sorted().toList();
    }
    Takeover takeover = new Takeover();
    List<Segment> old = new ArrayList<>();
    for (Path file : files) {
      try {
        Segment segment = Segment.open(file);
        lastNumber = Math.max(lastNumber, segment.number());
        takeover.read(segment);
        old.add(segment);
      } catch (IOException e) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        LOG.error("{}; it is kept as {}", e.getMessage(), aside);
        Files.move(file, aside);
      }
    }
    takeover.unacknowledged().forEach(this::copy);
    segments.forEach(Segment::force);
    for (Segment segment : old) {
      segment.delete();
    }
  }

  private void copy(Takeover.Found found) {
    byte[] tenant = bytes(found.key().tenant());
    byte[] meter = bytes(found.key().meter());
    Source source = sources.computeIfAbsent(found.key().source(), same -> same);
    Segment segment = room(source);
    int record =
        segment.writeCounter(
            source, tenant, meter, found.key().hour(), found.total(), found.acknowledged());
    index.put(found.key(), new Slot(segment, record, source, found.key()));
  }

  /** Whether the key's texts fit into a record. */
  static boolean fits(SlotKey key) {
    return Segment.fits(bytes(key.tenant()), bytes(key.meter()));
  }

  /** The record of a key, made where there is none. Never fails: without a file, in memory. */
  synchronized Slot slot(SlotKey key) {
    Slot known = index.get(key);
    if (known != null && !known.isSealed()) {
      return known;
    }
    Source source = sources.computeIfAbsent(key.source(), same -> same);
    byte[] tenant = bytes(key.tenant());
    byte[] meter = bytes(key.meter());
    Segment segment;
    if (Segment.fits(tenant, meter)) {
      segment = room(source);
    } else {
      LOG.error("tenant and meter are too long to be journalled: {} {}", key.tenant(), key.meter());
      tenant = new byte[0];
      meter = new byte[0];
      segment = Segment.inMemory(4 * Segment.RECORD);
    }
    if (!segment.isDurable()) {
      volatileSlots++;
    }
    int record = segment.writeCounter(source, tenant, meter, key.hour(), 0, 0);
    Slot made = new Slot(segment, record, source, key);
    index.put(key, made);
    return made;
  }

  private Segment room(Source source) {
    Segment present = current;
    if (present == null || !present.hasRoom(source)) {
      present = grow();
      current = present;
    }
    return present;
  }

  private Segment grow() {
    try {
      Segment made = Segment.create(directory, ++lastNumber, segmentBytes);
      segments.add(made);
      return made;
    } catch (IOException e) {
      LOG.error("no journal file can be made: counting in memory until one can", e);
      return Segment.inMemory(16 * Segment.RECORD);
    }
  }

  synchronized Collection<Slot> slots() {
    return List.copyOf(index.values());
  }

  /** Brings what was changed to the disk. */
  void force() {
    List<Segment> present;
    synchronized (this) {
      present = List.copyOf(segments);
    }
    present.forEach(Segment::force);
  }

  /**
   * Seals the acknowledged records of hours before {@code hour} and deletes the files that hold
   * nothing else.
   */
  synchronized void compact(long hour) {
    index.values().removeIf(slot -> slot.isSealed() || (slot.key().hour() < hour && slot.seal()));
    Set<Segment> inUse = new HashSet<>();
    Set<Source> counting = new HashSet<>();
    for (Slot slot : index.values()) {
      inUse.add(slot.segment());
      counting.add(slot.source());
    }
    if (current != null) {
      inUse.add(current);
    }
    sources.keySet().retainAll(counting);
    segments.removeIf(segment -> !inUse.contains(segment) && isDeleted(segment));
  }

  private static boolean isDeleted(Segment segment) {
    try {
      segment.delete();
      return true;
    } catch (IOException e) {
      LOG.warn("a journal file that is done with cannot be deleted", e);
      return false;
    }
  }

  synchronized Waiting waiting() {
    long units = 0;
    long totals = 0;
    long since = Long.MAX_VALUE;
    for (Slot slot : index.values()) {
      long open = slot.total() - slot.acknowledged();
      if (open > 0) {
        units += open;
        totals++;
        // 0: an answer has just cleared it, and what came meanwhile has not waited yet.
        long waitsSince = slot.unshippedSince();
        since = waitsSince == 0 ? since : Math.min(since, waitsSince);
      }
    }
    return new Waiting(
        units, totals, since == Long.MAX_VALUE ? 0 : since, segments.size(), volatileSlots);
  }

  /** Gives the directory free. */
  void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      LOG.warn("the journal's lock cannot be given back", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
