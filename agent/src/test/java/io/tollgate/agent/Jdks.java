package io.tollgate.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The JDKs of this machine, one of each feature release: the tests' own and its neighbours. */
final class Jdks {
  private Jdks() {}

  static Collection<Path> all() {
    TreeMap<Integer, Path> byRelease = new TreeMap<>();
    Path own = Path.of(System.getProperty("java.home"));
    for (Path directory : List.of(own.resolveSibling("."), Path.of("/usr/lib/jvm"))) {
      try (Stream<Path> homes =
          Files.isDirectory(directory) ? Files.list(directory) : Stream.of()) {
        homes.filter(Jdks::isJdk).forEach(home -> byRelease.put(release(home), home));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    byRelease.put(Runtime.version().feature(), own);
    return byRelease.values();
  }

  private static boolean isJdk(Path home) {
    return Files.isExecutable(home.resolve("bin/java"))
        && Files.isRegularFile(home.resolve("release"));
  }

  /** The feature release, as 8 or 21, by the JDK's file {@code release}. */
  static int release(Path home) {
    Properties release = new Properties();
    try (var reader = Files.newBufferedReader(home.resolve("release"))) {
      release.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = release.getProperty("JAVA_VERSION", "0").replace("\"", "");
    String[] parts = version.split("[._+-]", -1);
    return Integer.parseInt(parts[0].equals("1") ? parts[1] : parts[0]);
  }
}
