package io.tollgate.proxy.usage;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the journal, mapped into memory: records of {@value #RECORD} bytes, the first of them
 * the file's head.
 *
 * <pre>
 *  offset  source record            counter record
 *       0  kind (written last)      kind (written last)
 *       4  CRC32C of 24..255        CRC32C of 24..255
 *       8  last sequence sent       total; its sign bit seals the record
 *      16  -                        total acknowledged by the control plane
 *      24  lengths, texts           hour, source's record, lengths, tenant, meter
 * </pre>
 *
 * <p>What identifies a record never changes once its kind is written, and is checksummed. What
 * changes is one aligned word, which a store replaces whole: a process killed between any two
 * instructions leaves no record half written. The file's blocks are allocated when it is made, so
 * that a full disk shows then, as an exception, and never as a fault in mapped memory.
 *
 * <p>Records are claimed under the journal's lock; words are read and changed by any thread.
 */
final class Segment {
  static final int RECORD = 256;

  static final int FREE = 0;
  static final int SOURCE = 1;
  static final int COUNTER = 2;

  /** The sign bit of a total: the record is closed, what is added to it does not count. */
  static final long SEALED = Long.MIN_VALUE;

  private static final long MAGIC = 0x314c4e524a4c4754L; // "TGLJRNL1"
  private static final int KEY = 24;
  private static final int TOTAL = 8;
  private static final int ACKNOWLEDGED = 16;
  private static final int SOURCE_TEXT = 28;
  private static final int COUNTER_TEXT = 40;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final long number;
  private final @Nullable Path file;
  private final ByteBuffer memory;
  private final Map<Source, Integer> sources = new HashMap<>();
  private int next = 1;
  private volatile boolean touched;

  private Segment(long number, @Nullable Path file, ByteBuffer memory) {
    this.number = number;
    this.file = file;
    this.memory = memory.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A new file, whole and durable before it gets its name. */
  static Segment create(Path directory, long number, int bytes) throws IOException {
    Path file = directory.resolve("%016x.journal".formatted(number));
    Path fresh = directory.resolve("%016x.new".formatted(number));
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      content.putLong(0, MAGIC).putLong(8, number).putInt(16, RECORD);
      content.putInt(20, checksum(content, 0, 20));
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
      parent.force(true);
    }
    return new Segment(number, file, map(file));
  }

  /** A stand-in for when no file can be had: counts as well, but does not outlive the process. */
  static Segment inMemory(int bytes) {
    return new Segment(-1, null, ByteBuffer.allocateDirect(bytes + 8).alignedSlice(8));
  }

  /**
   * A file of an earlier start.
   *
   * @throws IOException if it is not a journal file of this format
   */
  static Segment open(Path file) throws IOException {
    ByteBuffer memory = map(file).order(ByteOrder.LITTLE_ENDIAN);
    if (memory.capacity() < RECORD
        || memory.getLong(0) != MAGIC
        || memory.getInt(16) != RECORD
        || memory.getInt(20) != checksum(memory, 0, 20)) {
      throw new IOException(file + " is no journal file, or its head is damaged");
    }
    return new Segment(memory.getLong(8), file, memory);
  }

  private static MappedByteBuffer map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
    }
  }

  long number() {
    return number;
  }

  boolean isDurable() {
    return file != null;
  }

  /** How many records fit, the head included. */
  int capacity() {
    return memory.capacity() / RECORD;
  }

  /** How many records are free. */
  int free() {
    return capacity() - next;
  }

  /** Whether a counter, and its source where that is new here, would still fit. */
  boolean hasRoom(Source source) {
    return free() >= (sources.containsKey(source) ? 1 : 2);
  }

  /** Whether a counter of such texts fits into a record. */
  static boolean fits(byte[] tenant, byte[] meter) {
    return COUNTER_TEXT + tenant.length + meter.length <= RECORD;
  }

  /** Whether such a source fits into a record. */
  static boolean fits(Source source) {
    return SOURCE_TEXT + source.nameBytes().length + source.incarnationBytes().length <= RECORD;
  }

  /** Writes a counter record and returns where it stands. */
  int writeCounter(Source source, byte[] tenant, byte[] meter, long hour, long total, long known) {
    int sourceRecord = sources.computeIfAbsent(source, this::writeSource);
    int at = next++ * RECORD;
    memory.putLong(at + TOTAL, total).putLong(at + ACKNOWLEDGED, known);
    memory.putLong(at + KEY, hour).putInt(at + KEY + 8, sourceRecord);
    texts(at + KEY + 12, tenant, meter);
    publish(at, COUNTER);
    return at;
  }

  private int writeSource(Source source) {
    int at = next++ * RECORD;
    memory.putLong(at + TOTAL, source.sequence());
    texts(at + KEY, source.nameBytes(), source.incarnationBytes());
    publish(at, SOURCE);
    source.standsIn(this, at);
    return at / RECORD;
  }

  private void texts(int at, byte[] one, byte[] two) {
    memory.putShort(at, (short) one.length).putShort(at + 2, (short) two.length);
    memory.put(at + 4, one).put(at + 4 + one.length, two);
  }

  private void publish(int at, int kind) {
    memory.putInt(at + 4, checksum(memory, at + KEY, RECORD - KEY));
    INT.setRelease(memory, at, kind);
    touched = true;
  }

  /** The kind of the record, {@link #FREE} for one that was never finished. */
  int kind(int at) {
    return (int) INT.getAcquire(memory, at);
  }

  /** Whether what identifies the record is as it was written. */
  boolean isSound(int at) {
    return memory.getInt(at + 4) == checksum(memory, at + KEY, RECORD - KEY);
  }

  String sourceName(int at) {
    return text(at + SOURCE_TEXT, memory.getShort(at + KEY));
  }

  String incarnation(int at) {
    return text(at + SOURCE_TEXT + memory.getShort(at + KEY), memory.getShort(at + KEY + 2));
  }

  long hour(int at) {
    return memory.getLong(at + KEY);
  }

  int sourceRecord(int at) {
    return memory.getInt(at + KEY + 8);
  }

  String tenant(int at) {
    return text(at + COUNTER_TEXT, memory.getShort(at + KEY + 12));
  }

  String meter(int at) {
    return text(at + COUNTER_TEXT + memory.getShort(at + KEY + 12), memory.getShort(at + KEY + 14));
  }

  private String text(int at, int length) {
    byte[] bytes = new byte[length];
    memory.get(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The total, or the last sequence of a source. */
  long word(int at) {
    return (long) LONG.getVolatile(memory, at + TOTAL);
  }

  /** Adds atomically; what stood there before tells by its sign whether the record was sealed. */
  long getAndAdd(int at, long units) {
    return (long) LONG.getAndAdd(memory, at + TOTAL, units);
  }

  boolean replace(int at, long expected, long value) {
    return LONG.compareAndSet(memory, at + TOTAL, expected, value);
  }

  void setWord(int at, long value) {
    LONG.setVolatile(memory, at + TOTAL, value);
    touched = true;
  }

  long acknowledged(int at) {
    return (long) LONG.getVolatile(memory, at + ACKNOWLEDGED);
  }

  void acknowledge(int at, long total) {
    LONG.setVolatile(memory, at + ACKNOWLEDGED, total);
    touched = true;
  }

  /** Says that a word changed since the last {@link #force}. */
  void touch() {
    if (!touched) {
      touched = true;
    }
  }

  /** Brings what was changed to the disk. */
  void force() {
    if (touched && memory instanceof MappedByteBuffer mapped) {
      touched = false;
      mapped.force();
    }
  }

  /** Removes the file; the memory stays mapped until nobody refers to it. */
  void delete() throws IOException {
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }

  private static int checksum(ByteBuffer memory, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(memory.slice(from, length));
    return (int) crc.getValue();
  }
}
