package io.tollgate.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A migration that has landed never changes: a database that ran it would refuse to start, as its
 * checksum is another one. The list has each one's SHA-256, as {@code sha256sum} writes it.
 */
class LandedMigrationsTest {
  private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration");
  private static final Path LIST = Path.of("src/test/resources/migrations/landed.sha256");

  @Test
  void migrations_thatHaveLandedNeverChange() throws Exception {
    Map<String, String> present = present();
    Map<String, String> landed = landed();
    assertThat(landed).hasSizeGreaterThan(25);
    landed.forEach(
        (name, sha256) ->
            assertThat(present.get(name))
                .as(
                    "%s has landed and must stay as it is, byte for byte: databases that ran it would"
                        + " refuse to start. Take the change back, and write it as the next migration"
                        + " of its room.",
                    name)
                .isEqualTo(sha256));
  }

  @Test
  void migrations_areAllOnTheList() throws Exception {
    Map<String, String> missing = present();
    missing.keySet().removeAll(landed().keySet());
    assertThat(missing)
        .as(
            "each migration is pinned in the commit that adds it, or nothing would notice a change"
                + " of it: append its SHA-256, two spaces and its name to %s",
            LIST)
        .isEmpty();
  }

  private static Map<String, String> landed() throws IOException {
    Map<String, String> landed = new TreeMap<>();
    for (String line : Files.readAllLines(LIST)) {
      String[] parts = line.split(" {2}", 2);
      landed.put(parts[1], parts[0]);
    }
    return landed;
  }

  private static Map<String, String> present() throws IOException, NoSuchAlgorithmException {
    Map<String, String> present = new TreeMap<>();
    try (Stream<Path> files = Files.list(MIGRATIONS)) {
      for (Path file : files.toList()) {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        present.put(String.valueOf(file.getFileName()), HexFormat.of().formatHex(hash));
      }
    }
    return present;
  }
}
