package io.tollgate.controlplane.catalog.version;

import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import io.tollgate.yaml.YamlFile;
import io.tollgate.yaml.YamlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The list {@code archived} of a catalog's text. Everything else of the text stays as it is. */
final class ArchivedLine {
  private static final String KEY = "archived";

  private ArchivedLine() {}

  /** The text with one entry more in its list, which is its last line. */
  static String added(String source, String what) {
    YamlMap root = YamlFile.parse("catalog.yaml", source, Map.of());
    List<String> archived = new ArrayList<>();
    root.list(KEY).forEach(value -> archived.add(value.text()));
    if (archived.contains(what)) {
      return source;
    }
    archived.add(what);
    if (source.stripLeading().startsWith("{") || isIndented(source)) {
      Map<String, Object> whole = root.plain();
      whole.put(KEY, archived);
      return Wire.write(whole);
    }
    String line = KEY + ": " + Wire.write(archived) + "\n";
    if (!root.has(KEY)) {
      return source.stripTrailing() + "\n" + line;
    }
    String last = source.stripTrailing().lines().reduce("", (before, next) -> next);
    if (!last.startsWith(KEY + ":")) {
      throw Problem.conflict("the catalog's file has a list 'archived' of its own; add it there");
    }
    String text = source.stripTrailing();
    return text.substring(0, text.length() - last.length()) + line;
  }

  /** Whether it stood inside another file. */
  private static boolean isIndented(String source) {
    return source
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .filter(line -> line.startsWith(" "))
        .isPresent();
  }
}
