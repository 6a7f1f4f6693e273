package io.tollgate.proxy.tenant;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that issuers published last, so that neither a reload nor a start has to wait for an
 * issuer that is away. One file for each place, of at most the size of a set of keys, with the time
 * at which it was fetched and a checksum: {@code 1 MILLISECONDS SHA256}, a line end, the set as it
 * was published. What is damaged, or older than its issuer allows, is not used. Thread-safe; blocks
 * on files.
 */
public final class KeyShelf {
  private static final Logger LOG = LoggerFactory.getLogger(KeyShelf.class);
  private static final String FORMAT = "1";
  private static final int LONGEST_HEAD = 128;

  private record Kept(long fetchedAt, String text) {}

  private final @Nullable Path directory;
  private final InstantSource clock;
  private final Map<URI, Kept> latest = new ConcurrentHashMap<>();

  private KeyShelf(@Nullable Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** A shelf in that directory, which is made when something is put there. */
  public static KeyShelf in(Path directory, InstantSource clock) {
    return new KeyShelf(directory, clock);
  }

  /** A shelf that lasts as long as the process. */
  public static KeyShelf inMemory(InstantSource clock) {
    return new KeyShelf(null, clock);
  }

  /** The set fetched last from there; null where none is known that is at most so old. */
  @Nullable String get(URI place, Duration oldest) {
    Kept kept = latest.get(place);
    if (kept == null && directory != null) {
      kept = read(file(directory, place));
    }
    if (kept == null || clock.millis() - kept.fetchedAt() > oldest.toMillis()) {
      return null;
    }
    return kept.text();
  }

  /** Keeps a set that was fetched just now. */
  void put(URI place, String text) {
    Kept kept = new Kept(clock.millis(), text);
    latest.put(place, kept);
    if (directory != null) {
      write(directory, file(directory, place), kept);
    }
  }

  private static @Nullable Kept read(Path file) {
    try {
      if (!Files.exists(file) || Files.size(file) > IssuerKeys.MOST_BYTES + LONGEST_HEAD) {
        return null;
      }
      String whole = Files.readString(file);
      int end = whole.indexOf('\n');
      String[] head = whole.substring(0, Math.max(end, 0)).split(" ", -1);
      String text = whole.substring(end + 1);
      if (head.length != 3 || !head[0].equals(FORMAT) || !head[2].equals(sha256(text))) {
        LOG.warn("{} is damaged and not used", file);
        return null;
      }
      return new Kept(Long.parseLong(head[1]), text);
    } catch (IOException | NumberFormatException e) {
      LOG.warn("{} cannot be read and is not used: {}", file, e.getMessage());
      return null;
    }
  }

  private static synchronized void write(Path directory, Path file, Kept kept) {
    try {
      Files.createDirectories(directory);
      Path written = Files.createTempFile(directory, "keys", ".new");
      Files.writeString(
          written,
          FORMAT + " " + kept.fetchedAt() + " " + sha256(kept.text()) + "\n" + kept.text());
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("issuer keys cannot be kept in {}: {}", directory, e.getMessage());
    }
  }

  private static Path file(Path directory, URI place) {
    return directory.resolve(sha256(place.toString()).substring(0, 32) + ".jwks");
  }

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
