package io.tollgate.controlplane.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data directory of a stopped server in one file, which is there whole or not at all. It lies
 * in the directory for temporary files, in a folder that nobody else may write to.
 */
final class ClusterCopy {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterCopy.class);

  /** What a stopped server left that the next one must not find. */
  private static final Set<String> LEFT_OUT =
      Set.of("postmaster.pid", "postmaster.opts", "epg-lock");

  private final Path file;

  /** A copy that is kept in this file, or will be. */
  ClusterCopy(Path file) {
    this.file = file;
  }

  /** The copy for exactly this build of the program; null where that runs from loose classes. */
  static @Nullable ClusterCopy ofThisProgram() {
    CodeSource source = ClusterCopy.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return null;
    }
    try {
      URI place = source.getLocation().toURI();
      Path jar = place.getScheme().equals("file") ? Path.of(place) : null;
      if (jar == null || !Files.isRegularFile(jar)) {
        return null;
      }
      String build =
          "%08x-%d-%d.zip"
              .formatted(
                  jar.hashCode(), Files.size(jar), Files.getLastModifiedTime(jar).toMillis());
      return new ClusterCopy(
          Path.of(System.getProperty("java.io.tmpdir"))
              .resolve("tollgate-scratch-of-" + System.getProperty("user.name"))
              .resolve(build));
    } catch (IOException | URISyntaxException e) {
      LOG.debug("no copy of a database is kept: {}", e.toString());
      return null;
    }
  }

  /** Whether there is one, made by the user this process runs as. */
  boolean isThere() {
    return Files.isRegularFile(file) && isOurs();
  }

  /** Somebody else's data directory could make the server do anything. */
  private boolean isOurs() {
    try {
      Path folder = folder();
      Path probe = Files.createTempFile(folder, "probe", "");
      try {
        return Files.getOwner(probe).equals(Files.getOwner(folder))
            && Files.getOwner(probe).equals(Files.getOwner(file))
            && PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))
                .endsWith("------");
      } finally {
        Files.delete(probe);
      }
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private Path folder() {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalStateException("no folder: " + file);
    }
    return parent;
  }

  /** Lays the data directory out in an empty folder. */
  void unpack(Path data) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      copy(zip.getPath("/"), data);
    } catch (ProviderNotFoundException e) {
      throw new IOException("it is no zip file", e);
    }
    if (!Files.exists(data.resolve("PG_VERSION"))) {
      throw new IOException("no data directory in it");
    }
  }

  /** Keeps a data directory. Where that fails the next start makes its tables again. */
  void pack(Path data) {
    try {
      Files.createDirectories(
          folder(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path whole = Files.createTempFile(folder(), "new", "");
      try {
        write(data, whole);
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(whole);
      }
      removeOlder();
    } catch (IOException | UncheckedIOException | UnsupportedOperationException e) {
      LOG.warn("no copy of the scratch database is kept: {}", e.toString());
    }
  }

  private static void write(Path data, Path into) throws IOException {
    Files.delete(into);
    try (FileSystem zip = FileSystems.newFileSystem(into, Map.of("create", "true"))) {
      copy(data, zip.getPath("/"));
    }
  }

  /** Lays what is in one folder out in another, which may be in a zip file. */
  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.skip(1).toList()) {
        String name = from.relativize(path).toString();
        if (!LEFT_OUT.contains(name)) {
          Files.copy(path, to.resolve(name));
        }
      }
    }
  }

  /** Of builds that this one took the place of. */
  private void removeOlder() throws IOException {
    String jar = file.getFileName().toString().replaceFirst("-.*", "");
    try (Stream<Path> others = Files.list(folder())) {
      for (Path other : others.toList()) {
        if (other.getFileName().toString().startsWith(jar + "-") && !other.equals(file)) {
          Files.deleteIfExists(other);
        }
      }
    }
  }

  /** Removes it; the next start makes another. */
  void discard() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("{} stays: {}", file, e.toString());
    }
  }

  @Override
  public String toString() {
    return "the copy of the scratch database " + file;
  }
}
