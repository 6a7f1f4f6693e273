package io.tollgate.proxy.entitlement;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tollgate.contract.Entitlements;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The cache's copy on disk: a file of checksummed frames, each a state of one tenant or a position
 * in the change stream. Frames are appended as things change; when the file has grown to three
 * times what it need be, it is written anew beside itself and renamed.
 *
 * <p>Reading stops at the first frame that is torn or damaged. What stands before it is consistent
 * in itself: the stream is simply resumed from an earlier position. Used by one thread at a time.
 */
final class DiskCopy {
  private static final int SLACK = 4 << 20;
  private static final int LONGEST = SseParser.LONGEST;

  /**
   * One frame.
   *
   * @param sequence the position in the change stream once this was applied; -1 for none yet
   * @param heardAt when the control plane was last heard of
   * @param entitlements a tenant's state; null for a mere position
   */
  record Frame(long sequence, Instant heardAt, @Nullable Entitlements entitlements) {}

  /**
   * What a file held.
   *
   * @param sequence the last position; -1 for none
   * @param heardAt when the control plane was last heard of; null where it never was
   * @param tenants the latest state of each tenant, least recently written first
   */
  record Content(long sequence, @Nullable Instant heardAt, Collection<Entitlements> tenants) {}

  private final Path file;
  private @Nullable FileChannel channel;
  private long needed;

  DiskCopy(Path file) {
    this.file = file;
  }

  /** What the file holds as far as it is sound; nothing if there is no file. */
  Content read() throws IOException {
    Map<String, Entitlements> tenants = new LinkedHashMap<>();
    long sequence = -1;
    Instant heardAt = null;
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      for (Frame frame = next(in); frame != null; frame = next(in)) {
        sequence = frame.sequence();
        heardAt = frame.heardAt();
        Entitlements state = frame.entitlements();
        if (state != null) {
          tenants.remove(state.tenant());
          tenants.put(state.tenant(), state);
        }
      }
    } catch (NoSuchFileException e) {
      return new Content(-1, null, List.of());
    }
    return new Content(sequence, heardAt, tenants.values());
  }

  /** Whether so much was appended that it should be written anew. */
  boolean isWasteful() throws IOException {
    return channel == null || channel.size() > 3 * needed + SLACK;
  }

  /** Writes the whole content anew; the old file holds until the new one is whole and durable. */
  void rewrite(long sequence, Instant heardAt, Iterable<Entitlements> tenants) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    FileChannel out = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (Files.getFileStore(fresh).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      }
      write(out, new Frame(sequence, heardAt, null));
      for (Entitlements tenant : tenants) {
        write(out, new Frame(sequence, heardAt, tenant));
      }
      out.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | UncheckedIOException e) {
      out.close();
      throw e;
    }
    close();
    needed = out.size();
    channel = out;
  }

  /** Appends frames. */
  void append(List<Frame> frames) throws IOException {
    if (channel == null) {
      throw new IOException(file + " is not open");
    }
    for (Frame frame : frames) {
      write(channel, frame);
    }
  }

  void close() throws IOException {
    if (channel != null) {
      channel.force(true);
      channel.close();
      channel = null;
    }
  }

  private static void write(FileChannel out, Frame frame) throws IOException {
    byte[] json = Wire.write(frame);
    ByteBuffer buffer = ByteBuffer.allocate(8 + json.length);
    buffer.putInt(json.length).putInt(checksum(json)).put(json).flip();
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  private static @Nullable Frame next(FileChannel in) throws IOException {
    try {
      ByteBuffer head = fill(in, 8);
      int length = head.getInt();
      int checksum = head.getInt();
      if (length <= 0 || length > LONGEST) {
        return null;
      }
      byte[] json = fill(in, length).array();
      return checksum(json) == checksum ? Wire.read(json, Frame.class) : null;
    } catch (EOFException | JsonProcessingException e) {
      return null;
    }
  }

  private static ByteBuffer fill(FileChannel in, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (in.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
