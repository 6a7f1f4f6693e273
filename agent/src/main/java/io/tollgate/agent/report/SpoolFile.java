package io.tollgate.agent.report;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URLEncoder;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * The file in which one incarnation's totals wait for the letterbox. A text file:
 *
 * <pre>
 * tollgate-spool 1 {source} {incarnation}
 * S {the last message's sequence}
 * T {hours since 1970} {units} {feature} {tenant, percent-encoded}
 * </pre>
 *
 * <p>Lines are appended; of several for the same hour, feature and tenant the greatest counts. The
 * process that writes it holds a lock on it, so whoever gets the lock knows that the writer is
 * gone. Written to the operating system at each report, not forced to the disk: it survives the
 * process, not the machine.
 */
final class SpoolFile implements AutoCloseable {
  static final String SUFFIX = ".spool";
  private static final long COMPACT_FROM = 1 << 20;
  private static final long LONGEST_LINE = 512;

  private final File path;
  private final String header;
  private RandomAccessFile file;

  private SpoolFile(File path, String header, RandomAccessFile file) {
    this.path = path;
    this.header = header;
    this.file = file;
  }

  /** Begins the file of a new incarnation. */
  static SpoolFile create(File directory, String source, String incarnation) throws IOException {
    if (!directory.isDirectory() && !directory.mkdirs()) {
      throw new IOException("the directory " + directory + " cannot be made");
    }
    File path = new File(directory, incarnation + SUFFIX);
    String header = "tollgate-spool 1 " + source + " " + incarnation + "\n";
    SpoolFile spool = new SpoolFile(path, header, locked(path));
    spool.clear(0);
    return spool;
  }

  private static RandomAccessFile locked(File path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path, "rw");
    try {
      FileLock lock = file.getChannel().tryLock();
      if (lock != null) {
        return file;
      }
    } catch (OverlappingFileLockException held) {
      file.close();
      throw new IOException(path + " is in use by this process", held);
    }
    file.close();
    throw new IOException(path + " is in use by another process");
  }

  /** Adds the present state of totals. */
  void append(Collection<Total> totals, long sequence) throws IOException {
    file.seek(file.length());
    file.write(lines(totals, sequence));
  }

  /** Forgets all totals, since the letterbox has them. */
  void clear(long sequence) throws IOException {
    byte[] start = (header + "S " + sequence + "\n").getBytes(StandardCharsets.UTF_8);
    file.seek(0);
    file.write(start);
    file.setLength(start.length);
  }

  /** Whether most of the file is made of lines that later lines have overtaken. */
  boolean isWorthCompacting(int outstanding) throws IOException {
    return file.length() > Math.max(COMPACT_FROM, outstanding * LONGEST_LINE);
  }

  /** Puts a file with nothing but the present state in the place of this one. */
  void compact(Collection<Total> totals, long sequence) throws IOException {
    File next = new File(path.getPath() + ".new");
    RandomAccessFile compacted = locked(next);
    compacted.setLength(0);
    compacted.write(header.getBytes(StandardCharsets.UTF_8));
    compacted.write(lines(totals, sequence));
    if (!next.renameTo(path)) {
      compacted.close();
      throw new IOException(next + " cannot be renamed to " + path);
    }
    file.close();
    file = compacted;
  }

  @SuppressWarnings("JdkObsolete") // Java 8 has no encode(String, Charset).
  private static byte[] lines(Collection<Total> totals, long sequence) throws IOException {
    StringBuilder lines = new StringBuilder(64 * (totals.size() + 1));
    lines.append("S ").append(sequence).append('\n');
    for (Total total : totals) {
      lines
          .append("T ")
          .append(total.hour)
          .append(' ')
          .append(total.units)
          .append(' ')
          .append(total.feature)
          .append(' ')
          .append(URLEncoder.encode(total.tenant, "UTF-8"))
          .append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Removes the file; its totals are delivered. */
  void delete() throws IOException {
    close();
    if (!path.delete() && path.exists()) {
      throw new IOException(path + " cannot be deleted");
    }
  }
}
