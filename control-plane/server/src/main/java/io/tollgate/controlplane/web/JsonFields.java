package io.tollgate.controlplane.web;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A JSON object of a request, asked field by field for the type each must have. Every refusal is a
 * {@link Problem} 422 that names the field. {@link #close} refuses the fields nobody asked for. Not
 * thread-safe.
 */
public final class JsonFields {
  private static final int LONGEST = 10_000;

  /** Of what is looked up by: an index of PostgreSQL's takes no more than some 2,700 bytes. */
  private static final int LONGEST_NAME = 255;

  private static final int DIGITS = 30;

  /** What periods are counted from and end in has four digits of a year, as RFC 3339 has. */
  private static final Instant FIRST = Instant.parse("1900-01-01T00:00:00Z");

  private static final Instant END = Instant.parse("9000-01-01T00:00:00Z");

  private static final Pattern DECIMAL =
      Pattern.compile("-?\\d{1," + DIGITS + "}(\\.\\d{1," + DIGITS + "})?");

  private final JsonNode node;
  private final String path;
  private final TreeSet<String> asked = new TreeSet<>();

  private JsonFields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /**
   * The fields of an object that came in other ways than as a request's body.
   *
   * @throws Problem 400 if it is no object
   */
  public static JsonFields of(JsonNode node) {
    if (!node.isObject()) {
      throw Problem.malformed("a JSON object is expected");
    }
    return new JsonFields(node, "");
  }

  static JsonFields parse(String text) {
    JsonNode node;
    try {
      node = Wire.tree(text.isBlank() ? "{}" : text);
    } catch (IllegalArgumentException e) {
      throw Problem.malformed("the body is not JSON: " + e.getMessage());
    }
    if (!node.isObject()) {
      throw Problem.malformed("the body must be a JSON object");
    }
    return new JsonFields(node, "");
  }

  /** Whether the field is there and not null. Does not count as asking for it. */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** A text that is not blank, at most 10,000 characters. */
  public String text(String field) {
    return required(field, findText(field));
  }

  /** As {@link #text}, or empty where the field is missing or null. */
  public Optional<String> findText(String field) {
    return find(field, "a text", JsonNode::isTextual)
        .map(JsonNode::textValue)
        .map(
            text -> {
              if (text.isBlank() || text.length() > LONGEST) {
                throw wrong(field, "a text of 1 to " + LONGEST + " characters is expected");
              }
              return storable(field, text);
            });
  }

  /** A name of the caller's own, such as a bank's reference: a text of at most 255 characters. */
  public Optional<String> findName(String field) {
    return findText(field)
        .map(
            name -> {
              if (name.length() > LONGEST_NAME) {
                throw wrong(field, "a text of 1 to " + LONGEST_NAME + " characters is expected");
              }
              return name;
            });
  }

  /** As {@link #text}, or empty where it is missing, null or empty: as answers say what is not. */
  public String textOrNone(String field) {
    return find(field, "a text", JsonNode::isTextual)
        .filter(value -> !value.textValue().isEmpty())
        .flatMap(value -> findText(field))
        .orElse("");
  }

  /** PostgreSQL keeps every character but one. */
  private String storable(String field, String text) {
    if (text.indexOf('\0') >= 0) {
      throw wrong(field, "a text without the character U+0000 is expected");
    }
    return text;
  }

  /** A whole number from {@code least} to {@code most}. */
  public long whole(String field, long least, long most) {
    return required(field, findWhole(field, least, most));
  }

  /** As {@link #whole}, or empty where the field is missing or null. */
  public Optional<Long> findWhole(String field, long least, long most) {
    return find(
            field, "a whole number", value -> value.isIntegralNumber() && value.canConvertToLong())
        .map(JsonNode::longValue)
        .map(
            value -> {
              if (value < least || value > most) {
                throw wrong(field, "a number from " + least + " to " + most + " is expected");
              }
              return value;
            });
  }

  /**
   * An exact decimal, as a number or as a string of at most 30 digits on either side of the point;
   * a string has no exponent.
   */
  public BigDecimal decimal(String field) {
    return required(field, findDecimal(field));
  }

  /** As {@link #decimal}, or empty where the field is missing or null. */
  public Optional<BigDecimal> findDecimal(String field) {
    return find(field, "a decimal", value -> value.isNumber() || value.isTextual())
        .map(
            value ->
                parsed(
                    field,
                    "a decimal such as 12.50",
                    value.asText(),
                    text -> decimal(value, text)));
  }

  /** {@code true} or {@code false}; the default where the field is missing or null. */
  public boolean bool(String field, boolean otherwise) {
    return find(field, "true or false", JsonNode::isBoolean)
        .map(JsonNode::booleanValue)
        .orElse(otherwise);
  }

  /** An instant such as {@code 2026-01-31T18:30:00Z}, in any offset, of a year 1900 to 8999. */
  public Instant instant(String field) {
    return required(field, findInstant(field));
  }

  /** As {@link #instant}, or empty where the field is missing or null. */
  public Optional<Instant> findInstant(String field) {
    String what = "an instant such as 2026-01-31T18:30:00Z, from 1900 to 8999,";
    return findText(field)
        .map(text -> parsed(field, what, text, value -> OffsetDateTime.parse(value).toInstant()))
        .map(
            instant -> {
              if (instant.isBefore(FIRST) || !instant.isBefore(END)) {
                throw wrong(field, what + " is expected, not '" + instant + "'");
              }
              return instant;
            });
  }

  /** A date such as {@code 2026-01-31}, or empty where the field is missing or null. */
  public Optional<LocalDate> findDate(String field) {
    return findText(field)
        .map(text -> parsed(field, "a date such as 2026-01-31", text, LocalDate::parse));
  }

  /** A time zone such as {@code Asia/Kolkata}, or empty where the field is missing or null. */
  public Optional<ZoneId> findZone(String field) {
    return findText(field)
        .map(text -> parsed(field, "a time zone such as Asia/Kolkata", text, ZoneId::of));
  }

  /** One of an enum's constants, in any case. */
  public <E extends Enum<E>> E oneOf(String field, Class<E> type) {
    return required(field, findOneOf(field, type));
  }

  /** As {@link #oneOf}, or empty where the field is missing or null. */
  public <E extends Enum<E>> Optional<E> findOneOf(String field, Class<E> type) {
    return findOneOf(field, EnumSet.allOf(type));
  }

  /** As {@link #findOneOf(String, Class)}, of some constants only. */
  public <E extends Enum<E>> Optional<E> findOneOf(String field, Set<E> allowed) {
    return findText(field)
        .map(
            text -> {
              String word = text.toUpperCase(Locale.ROOT).replace('-', '_');
              return allowed.stream()
                  .filter(each -> each.name().equals(word))
                  .findFirst()
                  .orElseThrow(
                      () ->
                          wrong(
                              field,
                              "one of "
                                  + allowed.stream().map(Enum::name).collect(joining(", "))
                                  + " is expected, not '"
                                  + text
                                  + "'"));
            });
  }

  /** A nested object, or empty where the field is missing or null. */
  public Optional<JsonFields> findObject(String field) {
    return find(field, "an object", JsonNode::isObject)
        .map(value -> new JsonFields(value, place(field)));
  }

  /** A nested object. */
  public JsonFields object(String field) {
    return required(field, findObject(field));
  }

  /** The objects of a list; none where the field is missing or null. */
  public List<JsonFields> objects(String field) {
    List<JsonFields> objects = new ArrayList<>();
    find(field, "a list", JsonNode::isArray)
        .ifPresent(
            list ->
                list.forEach(
                    element -> {
                      String at = place(field) + "[" + objects.size() + "]";
                      if (!element.isObject()) {
                        throw Problem.invalid(at, "an object is expected");
                      }
                      objects.add(new JsonFields(element, at));
                    }));
    return objects;
  }

  /** The texts of a list; none where the field is missing or null. */
  public List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    find(field, "a list", JsonNode::isArray)
        .ifPresent(
            list ->
                list.forEach(
                    element -> {
                      String at = field + "[" + texts.size() + "]";
                      if (!element.isTextual()) {
                        throw wrong(at, "a text is expected");
                      }
                      texts.add(storable(at, element.textValue()));
                    }));
    return texts;
  }

  /** A refusal of a field for a rule that JSON does not know. */
  public Problem wrong(String field, String detail) {
    return Problem.invalid(place(field), detail);
  }

  /**
   * Refuses fields that were never asked for.
   *
   * @throws Problem 422 naming the first of them and what is allowed
   */
  public void close() {
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!asked.contains(field)) {
                throw wrong(field, "unknown field; allowed here: " + String.join(", ", asked));
              }
            });
  }

  private Optional<JsonNode> find(String field, String what, Function<JsonNode, Boolean> fits) {
    asked.add(field);
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!fits.apply(value)) {
      throw wrong(field, what + " is expected");
    }
    return Optional.of(value);
  }

  private <T> T required(String field, Optional<T> value) {
    return value.orElseThrow(() -> wrong(field, "this field is missing"));
  }

  private <T> T parsed(String field, String what, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (DateTimeException | IllegalArgumentException e) {
      throw wrong(field, what + " is expected, not '" + text + "'");
    }
  }

  private static BigDecimal decimal(JsonNode value, String text) {
    if (value.isNumber()) {
      BigDecimal number = value.decimalValue();
      if (Math.abs(number.scale()) <= DIGITS && number.precision() <= 2 * DIGITS) {
        return number;
      }
    } else if (DECIMAL.matcher(text).matches()) {
      return new BigDecimal(text);
    }
    throw new IllegalArgumentException("not a decimal");
  }

  private String place(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }
}
