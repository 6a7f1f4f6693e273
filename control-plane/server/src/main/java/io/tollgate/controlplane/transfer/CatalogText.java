package io.tollgate.controlplane.transfer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A catalog made from another system's: the tree of a Tollgate catalog file while it grows, and
 * what could not be carried over. Not thread-safe.
 */
final class CatalogText {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9 _./%-]*");
  private static final Pattern NO_KEY = Pattern.compile("[^a-z0-9._-]+");
  private static final List<String> WORDS =
      List.of("true", "false", "yes", "no", "on", "off", "null");

  private final Map<String, Object> root = new LinkedHashMap<>();
  private final List<Converted.Note> notes = new ArrayList<>();

  /** The map under a path, made where it is missing. */
  @SuppressWarnings("unchecked")
  Map<String, Object> map(String... path) {
    Map<String, Object> map = root;
    for (String step : path) {
      map = (Map<String, Object>) map.computeIfAbsent(step, any -> new LinkedHashMap<>());
    }
    return map;
  }

  /** Notes something that the other catalog has and this one does not. */
  void note(String where, String what) {
    notes.add(new Converted.Note(where, what));
  }

  List<Converted.Note> notes() {
    return notes;
  }

  /** A name as Tollgate's keys are written. */
  static String key(String name) {
    String key = NO_KEY.matcher(name.strip().toLowerCase(Locale.ROOT)).replaceAll("-");
    return key.replaceAll("^[-._]+|[-._]+$", "");
  }

  /** The file. */
  String yaml() {
    StringBuilder text = new StringBuilder();
    write(text, root, "");
    return text.toString();
  }

  private static void write(StringBuilder text, Map<?, ?> map, String indent) {
    map.forEach(
        (key, value) -> {
          text.append(indent).append(scalar(key)).append(':');
          if (value instanceof Map<?, ?> inner && !isFlat(inner)) {
            text.append('\n');
            write(text, inner, indent + "  ");
          } else if (value instanceof List<?> list) {
            text.append('\n');
            list.forEach(
                item -> text.append(indent).append("  - ").append(flow(item)).append('\n'));
          } else {
            text.append(' ').append(flow(value)).append('\n');
          }
        });
  }

  /** Small enough for one line. */
  private static boolean isFlat(Map<?, ?> map) {
    return map.size() <= 3
        && map.values().stream().noneMatch(v -> v instanceof Map || v instanceof List);
  }

  private static String flow(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> parts = new ArrayList<>();
      map.forEach((key, each) -> parts.add(scalar(key) + ": " + flow(each)));
      return "{" + String.join(", ", parts) + "}";
    }
    return scalar(value);
  }

  private static String scalar(Object value) {
    String text = String.valueOf(value);
    if (!(value instanceof String)) {
      return text;
    }
    boolean plain =
        PLAIN.matcher(text).matches()
            && !text.endsWith(" ")
            && !WORDS.contains(text.toLowerCase(Locale.ROOT));
    return plain
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
