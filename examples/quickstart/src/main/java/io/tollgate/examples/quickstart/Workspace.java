package io.tollgate.examples.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which the quickstart keeps what a next start goes on with.
 *
 * @param home the checkout
 * @param data the folder
 */
record Workspace(Path home, Path data) {

  /** The folder for the data: the one asked for, or the quickstart's own. */
  static Path folder(Path home, @Nullable Path data) {
    return (data == null ? home.resolve("examples/quickstart/data") : data)
        .toAbsolutePath()
        .normalize();
  }

  /** Makes the folder ready, empty where everything shall begin anew. */
  static Workspace prepare(Path home, Path folder, boolean fresh) throws IOException {
    if (fresh && Files.exists(folder)) {
      requireOurs(folder);
      try (Stream<Path> content = Files.walk(folder)) {
        for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    for (String part : List.of("logs", "settings", "secrets", "invoices")) {
      Files.createDirectories(folder.resolve(part));
    }
    return new Workspace(home, folder);
  }

  /** A folder is deleted only where an earlier quickstart made it. */
  private static void requireOurs(Path folder) {
    if (!Files.isDirectory(folder.resolve("settings"))) {
      throw new QuickstartException(
          folder + " holds something that no quickstart left there; --fresh does not delete it");
    }
  }

  Path log(String service) {
    return data.resolve("logs").resolve(service + ".log");
  }

  Path invoice(String name) {
    return data.resolve("invoices").resolve(name);
  }

  /** Writes a settings file from a template of the quickstart's resources. */
  Path settings(String name, Map<String, String> values) {
    try (var template = Workspace.class.getResourceAsStream(name)) {
      if (template == null) {
        throw new IllegalStateException("no template " + name);
      }
      String text = new String(template.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      for (Map.Entry<String, String> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue());
      }
      String file = name.replace("proxy.yaml", values.getOrDefault("node", "proxy") + ".yaml");
      return Files.writeString(data.resolve("settings").resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A secret that is drawn once and kept, readable by its owner only. Starts run side by side. */
  synchronized String secret(String name) {
    return find(name)
        .orElseGet(
            () -> {
              byte[] random = new byte[32];
              new SecureRandom().nextBytes(random);
              return keep(name, HexFormat.of().formatHex(random));
            });
  }

  /** A secret kept earlier. */
  java.util.Optional<String> find(String name) {
    Path file = data.resolve("secrets").resolve(name);
    try {
      return Files.exists(file)
          ? java.util.Optional.of(Files.readString(file))
          : java.util.Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps a secret. */
  String keep(String name, String secret) {
    Path file = data.resolve("secrets").resolve(name);
    try {
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, secret);
      return secret;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
