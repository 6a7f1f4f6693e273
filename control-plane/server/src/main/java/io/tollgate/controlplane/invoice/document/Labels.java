package io.tollgate.controlplane.invoice.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeSet;

/** Files of labels, {@code labels_xx.properties}, checked before they are needed. */
final class Labels {
  private Labels() {}

  /**
   * Refuses a file that is not whole.
   *
   * @throws TemplateException naming file and line, or the labels that are missing
   */
  static void check(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      try {
        // A value may go on over lines; each part by itself is as readable as the whole.
        new Properties().load(new StringReader(lines.get(i)));
      } catch (IllegalArgumentException e) {
        throw new TemplateException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    Properties own = new Properties();
    own.load(new StringReader(String.join("\n", lines)));
    TreeSet<String> missing = new TreeSet<>(ours().stringPropertyNames());
    missing.removeAll(own.stringPropertyNames());
    if (!missing.isEmpty()) {
      throw new TemplateException(
          file + ":" + lines.size() + ": lacks the labels " + missing, new IOException());
    }
  }

  private static Properties ours() throws IOException {
    Properties ours = new Properties();
    try (InputStream in =
            Objects.requireNonNull(Labels.class.getResourceAsStream("labels.properties"));
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      ours.load(reader);
    }
    return ours;
  }
}
