package io.tollgate.yaml;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One value of the file, asked for by the type it must have. Not thread-safe. */
public final class YamlValue {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KiB|MiB|GiB)");

  private final YamlSource source;
  private final String path;
  private final Node node;

  YamlValue(YamlSource source, String path, Node node) {
    this.source = source;
    this.path = path;
    this.node = node;
  }

  /** The value's path from the root. */
  public String path() {
    return path;
  }

  /** Whether the value is a mapping. */
  public boolean isMap() {
    return node instanceof MappingNode;
  }

  /** Whether the value is a list. */
  public boolean isList() {
    return node instanceof SequenceNode;
  }

  /** A text that is not blank. Numbers and booleans count as text only when quoted. */
  public String text() {
    ScalarNode scalar = scalar("a text");
    if (!scalar.getTag().equals(Tag.STR)) {
      throw mistake("a text is expected; quote it if '" + scalar.getValue() + "' is meant");
    }
    if (scalar.getValue().isBlank()) {
      throw mistake("a text is expected, not an empty one");
    }
    return scalar.getValue();
  }

  /**
   * The value as a YAML text of its own: a mapping as it stands, or what a block text holds.
   * Mistakes found in it name the lines of this file.
   */
  public String section() {
    if (node instanceof MappingNode mapping) {
      return source.section(mapping);
    }
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return "\n".repeat(line) + text();
  }

  /**
   * The value as map, list, true or false, whole number or text. A decimal is text, so that it
   * stays exact.
   */
  public Object plain() {
    if (isMap()) {
      return map().plain();
    }
    if (isList()) {
      return list().stream().map(YamlValue::plain).toList();
    }
    String word = word();
    Tag tag = node.getTag();
    if (tag.equals(Tag.BOOL)) {
      return Boolean.valueOf(word);
    }
    return tag.equals(Tag.INT) && word.matches("-?[0-9]{1,18}")
        ? (Object) Long.valueOf(word)
        : word;
  }

  /** Any scalar as it is written: a version number or a date that YAML takes for something else. */
  public String word() {
    return scalar("a single value").getValue();
  }

  /** A text that matches the pattern; {@code what} describes it in the message. */
  public String text(Pattern pattern, String what) {
    String text = text();
    if (!pattern.matcher(text).matches()) {
      throw mistake("'" + text + "' is not " + what);
    }
    return text;
  }

  /** {@code true} or {@code false}. */
  public boolean bool() {
    return switch (scalar("true or false").getValue()) {
      case "true" -> true;
      case "false" -> false;
      case String other -> throw mistake("true or false is expected, not '" + other + "'");
    };
  }

  /** A whole number from {@code least} to {@code most}; underscores may group its digits. */
  public long whole(long least, long most) {
    String text = scalar("a whole number").getValue().replace("_", "");
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw mistake("a whole number is expected, not '" + text + "'");
    }
    if (value < least || value > most) {
      throw mistake("a number from " + least + " to " + most + " is expected, not " + value);
    }
    return value;
  }

  /** As {@link #whole}, as an int. */
  public int integer(int least, int most) {
    return Math.toIntExact(whole(least, most));
  }

  /** A TCP port, 0 (any free one) to 65535. */
  public int port() {
    return integer(0, 65_535);
  }

  /** An exact decimal number, quoted or not; never read through floating point. */
  public BigDecimal decimal() {
    String text = scalar("a number").getValue().replace("_", "");
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw mistake("a number is expected, not '" + text + "'");
    }
  }

  /** A duration such as {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}. */
  public Duration duration(Duration least, Duration most) {
    String text = scalar("a duration").getValue();
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw mistake("a duration such as 250ms, 30s, 5m, 2h or 7d is expected, not '" + text + "'");
    }
    long number = Long.parseLong(matcher.group(1));
    Duration value =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        };
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw mistake(
          "a duration from " + spelt(least) + " to " + spelt(most) + " is expected, not " + text);
    }
    return value;
  }

  /** A duration as it is written in a file: in the greatest unit that takes it whole. */
  private static String spelt(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0 || millis == 0) {
      return millis + "ms";
    }
    long seconds = duration.toSeconds();
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  /** A size in bytes such as {@code 512B}, {@code 64KiB}, {@code 16MiB}, {@code 1GiB}. */
  public long bytes() {
    String text = scalar("a size").getValue();
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw mistake("a size such as 512B, 64KiB, 16MiB or 1GiB is expected, not '" + text + "'");
    }
    int shift =
        switch (matcher.group(2)) {
          case "B" -> 0;
          case "KiB" -> 10;
          case "MiB" -> 20;
          default -> 30;
        };
    return Long.parseLong(matcher.group(1)) << shift;
  }

  /** A time zone's id such as {@code Asia/Kolkata} or {@code UTC}. */
  public ZoneId zone() {
    String text = text();
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw mistake("'" + text + "' is no time zone; an id such as Asia/Kolkata is expected");
    }
  }

  /** One of an enum's constants, written in lower case with dashes. */
  public <E extends Enum<E>> E oneOf(Class<E> type) {
    String text = scalar("a word").getValue();
    for (E constant : type.getEnumConstants()) {
      if (dashed(constant).equals(text)) {
        return constant;
      }
    }
    String allowed =
        Arrays.stream(type.getEnumConstants())
            .map(YamlValue::dashed)
            .collect(Collectors.joining(", "));
    throw mistake("'" + text + "' is not one of: " + allowed);
  }

  /** A nested mapping. */
  public YamlMap map() {
    if (node instanceof MappingNode mapping) {
      return YamlMap.of(source, path, mapping);
    }
    throw mistake("a mapping of keys to values is expected");
  }

  /** The elements of a list. */
  public List<YamlValue> list() {
    if (!(node instanceof SequenceNode sequence)) {
      throw mistake("a list is expected; begin each element with '- '");
    }
    List<YamlValue> elements = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      elements.add(new YamlValue(source, path + "[" + elements.size() + "]", element));
    }
    return elements;
  }

  /**
   * A secret: {@code {env: NAME}} or {@code {file: PATH}}. A secret written into the file itself is
   * refused.
   */
  public Secret secret() {
    if (!isMap()) {
      throw mistake("a secret is not written here; use {env: NAME} or {file: PATH}");
    }
    YamlMap map = map();
    if (map.has("env")) {
      String name = map.value("env").text();
      map.close();
      @Nullable String value = source.environment().get(name);
      if (value == null || value.isBlank()) {
        throw mistake("the environment variable " + name + " is not set");
      }
      return new Secret(value);
    }
    String file = map.value("file").text();
    map.close();
    String value;
    try {
      value = Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
    } catch (IOException | InvalidPathException e) {
      throw mistake("the file " + file + " cannot be read");
    }
    if (value.isEmpty()) {
      throw mistake("the file " + file + " is empty");
    }
    return new Secret(value);
  }

  /** A mistake at this value, to be thrown by a reader who knows a rule YAML does not. */
  public YamlException mistake(String problem) {
    return source.mistake(node, path, problem);
  }

  static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
  }

  private ScalarNode scalar(String what) {
    if (node instanceof ScalarNode scalar && !isNull(node)) {
      return scalar;
    }
    throw mistake(what + " is expected");
  }

  private static String dashed(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
