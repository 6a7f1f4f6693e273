package io.tollgate.yaml;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping of the file. Each key is asked for by name; {@link #close} then refuses the keys nobody
 * asked for. Not thread-safe.
 *
 * <pre>{@code
 * try (YamlMap listener = root.map("listener")) {
 *   int port = listener.value("port").integer(0, 65535);
 * }
 * }</pre>
 *
 * <p>Use try-with-resources only where the body cannot throw another mistake first; otherwise call
 * {@link #close} last, so that the first mistake is the one reported.
 */
public final class YamlMap implements AutoCloseable {
  private final YamlSource source;
  private final String path;
  private final int line;
  private final Map<String, NodeTuple> entries;
  private final Set<String> asked = new TreeSet<>();

  YamlMap(YamlSource source, String path, int line, Map<String, NodeTuple> entries) {
    this.source = source;
    this.path = path;
    this.line = line;
    this.entries = entries;
  }

  static YamlMap of(YamlSource source, String path, MappingNode mapping) {
    Map<String, NodeTuple> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw source.mistake(
            tuple.getKeyNode(),
            path,
            "a key must be a plain word, not a mapping or a list; are brackets too many?");
      }
      if (entries.put(key.getValue(), tuple) != null) {
        throw source.mistake(
            key,
            path,
            "the key '" + key.getValue() + "' stands here twice; leave one out, or rename it");
      }
    }
    int line = mapping.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return new YamlMap(source, path, line, entries);
  }

  /** The path of this mapping from the root; empty at the root. */
  public String path() {
    return path;
  }

  /** Every key of the mapping in the file's order. Asking counts as knowing them all. */
  public List<String> keys() {
    asked.addAll(entries.keySet());
    return new ArrayList<>(entries.keySet());
  }

  /** Whether the key is there and not null. Does not count as asking for it. */
  public boolean has(String key) {
    NodeTuple tuple = entries.get(key);
    return tuple != null && !YamlValue.isNull(tuple.getValueNode());
  }

  /**
   * The value of a key that must be there.
   *
   * @throws YamlException if it is missing
   */
  public YamlValue value(String key) {
    return find(key)
        .orElseThrow(() -> mistake("the key '" + key + "' is missing; it has no default"));
  }

  /**
   * Refuses all keys but these at once, before any is read: for mappings in which a misspelt one
   * would show first as what it leaves out.
   *
   * @throws YamlException naming the first unknown key and the allowed ones
   */
  public void allow(String... keys) {
    asked.addAll(List.of(keys));
    close();
  }

  /**
   * As {@link #allow}, where one of these keys decides which of the others may stand beside it:
   * {@link #close} still refuses those that nobody asks for.
   */
  public void among(String... keys) {
    Set<String> all = new TreeSet<>(List.of(keys));
    entries.keySet().stream()
        .filter(key -> !all.contains(key))
        .findFirst()
        .ifPresent(
            key -> {
              throw unknown(key, all);
            });
  }

  /** The value of a key, or empty where it is missing or null. */
  public Optional<YamlValue> find(String key) {
    asked.add(key);
    return Optional.ofNullable(entries.get(key))
        .map(NodeTuple::getValueNode)
        .filter(node -> !YamlValue.isNull(node))
        .map(node -> new YamlValue(source, child(key), node));
  }

  /** A nested mapping; an empty one where the key is missing, so that defaults can apply. */
  public YamlMap map(String key) {
    return find(key)
        .map(YamlValue::map)
        .orElseGet(() -> new YamlMap(source, child(key), line, Map.of()));
  }

  /** The elements of a list; none where the key is missing. */
  public List<YamlValue> list(String key) {
    return find(key).map(YamlValue::list).orElseGet(List::of);
  }

  /** All of it as maps, lists and scalars, in the file's order; asking counts as knowing it. */
  public Map<String, Object> plain() {
    Map<String, Object> plain = new LinkedHashMap<>();
    for (String key : keys()) {
      find(key).ifPresent(value -> plain.put(key, value.plain()));
    }
    return plain;
  }

  /** A mistake at this mapping, to be thrown by a reader who knows a rule YAML does not. */
  public YamlException mistake(String problem) {
    return new YamlException(source.file(), line, path, problem);
  }

  /** A mistake at a key of this mapping. */
  public YamlException mistake(String key, String problem) {
    NodeTuple tuple = entries.get(key);
    return tuple == null
        ? new YamlException(source.file(), line, child(key), problem)
        : source.mistake(tuple.getKeyNode(), child(key), problem);
  }

  /**
   * Refuses keys that were never asked for.
   *
   * @throws YamlException naming the first unknown key and the allowed ones
   */
  @Override
  public void close() {
    for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
      if (!asked.contains(entry.getKey())) {
        throw unknown(entry.getKey(), asked);
      }
    }
  }

  /** The mistake of a key that is none of the allowed ones; names the nearest of them. */
  public YamlException unknown(String key, Collection<String> allowed) {
    String hint = nearest(key, allowed);
    return mistake(
        key,
        "unknown key; "
            + (hint == null ? "" : "did you mean '" + hint + "'? ")
            + "allowed here: "
            + String.join(", ", allowed));
  }

  private String child(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static @Nullable String nearest(String key, Collection<String> allowed) {
    String best = null;
    int bestDistance = Math.max(2, key.length() / 3) + 1;
    for (String known : allowed) {
      int distance = distance(key, known);
      if (distance < bestDistance) {
        best = known;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** Levenshtein distance by the two-row method. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
