package io.tollgate.agent.report;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.StringReader;
import java.net.URLDecoder;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an incarnation that has ended did not deliver. Its file stays locked until it is deleted.
 */
final class OldSpool {
  final String source;
  final String incarnation;
  final List<Total> totals;
  long sequence;
  private final File path;
  private final RandomAccessFile file;

  private OldSpool(File path, RandomAccessFile file, String content) throws IOException {
    this.path = path;
    this.file = file;
    BufferedReader lines = new BufferedReader(new StringReader(content));
    String[] header = words(lines.readLine());
    if (header.length != 4 || !header[0].equals("tollgate-spool") || !header[1].equals("1")) {
      throw new IOException(path + " is no spool file");
    }
    this.source = header[2];
    this.incarnation = header[3];
    Map<List<String>, Total> greatest = new LinkedHashMap<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      read(words(line), greatest);
    }
    this.totals = new ArrayList<>(greatest.values());
  }

  /**
   * All incarnations that have ended, of which the directory holds a file.
   *
   * @param directory the spool directory; one that does not exist holds none
   */
  static List<OldSpool> in(File directory) {
    List<OldSpool> found = new ArrayList<>();
    File[] files = directory.listFiles();
    if (files == null) {
      return found;
    }
    Arrays.sort(files);
    for (File file : files) {
      if (file.getName().endsWith(SpoolFile.SUFFIX)) {
        try {
          OldSpool old = open(file);
          if (old != null) {
            found.add(old);
          }
        } catch (IOException | RuntimeException unreadable) {
          Log.say("spool file " + file + " cannot be read and stays: " + unreadable.getMessage());
        }
      }
    }
    return found;
  }

  private static @Nullable OldSpool open(File path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path, "rw");
    boolean taken = false;
    try {
      FileLock lock = file.getChannel().tryLock();
      if (lock != null) {
        byte[] bytes = new byte[Math.toIntExact(file.length())];
        file.readFully(bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        // The last line may have been torn by the end of its writer.
        OldSpool old = new OldSpool(path, file, text.substring(0, text.lastIndexOf('\n') + 1));
        taken = true;
        return old;
      }
      return null;
    } catch (OverlappingFileLockException ours) {
      return null;
    } finally {
      if (!taken) {
        file.close();
      }
    }
  }

  @SuppressWarnings("JdkObsolete") // Java 8 has no decode(String, Charset).
  private void read(String[] words, Map<List<String>, Total> greatest) throws IOException {
    if (words.length == 2 && words[0].equals("S")) {
      sequence = Math.max(sequence, Long.parseLong(words[1]));
    } else if (words.length == 5 && words[0].equals("T")) {
      List<String> key = Arrays.asList(words[1], words[3], words[4]);
      Total total = greatest.get(key);
      if (total == null) {
        String tenant = URLDecoder.decode(words[4], "UTF-8");
        total = new Total(tenant, words[3], Long.parseLong(words[1]));
        greatest.put(key, total);
      }
      total.units = Math.max(total.units, Long.parseLong(words[2]));
    } else {
      throw new IOException("a line is neither a sequence nor a total: " + Arrays.toString(words));
    }
  }

  private static String[] words(@Nullable String line) {
    List<String> words = new ArrayList<>();
    String text = line == null ? "" : line;
    int from = 0;
    for (int at = 0; at <= text.length(); at++) {
      if (at == text.length() || text.charAt(at) == ' ') {
        words.add(text.substring(from, at));
        from = at + 1;
      }
    }
    return words.toArray(new String[0]);
  }

  /** Removes the file; its totals are delivered. */
  void delete() throws IOException {
    file.close();
    if (!path.delete() && path.exists()) {
      throw new IOException(path + " cannot be deleted");
    }
  }
}
