package io.tollgate.examples.donations;

import java.util.Iterator;
import java.util.Map;

/** Writes maps, lists, strings and numbers as JSON. */
final class Json {
  private Json() {}

  static String write(Object value) {
    StringBuilder json = new StringBuilder();
    append(value, json);
    return json.toString();
  }

  private static void append(Object value, StringBuilder json) {
    switch (value) {
      case Map<?, ?> members -> {
        String separator = "{";
        for (Map.Entry<?, ?> member : members.entrySet()) {
          json.append(separator).append(quote(member.getKey().toString())).append(':');
          append(member.getValue(), json);
          separator = ",";
        }
        json.append(members.isEmpty() ? "{}" : "}");
      }
      case Iterable<?> elements -> {
        json.append('[');
        for (Iterator<?> each = elements.iterator(); each.hasNext(); ) {
          append(each.next(), json);
          json.append(each.hasNext() ? "," : "");
        }
        json.append(']');
      }
      case Long number -> json.append(number);
      case Integer number -> json.append(number);
      default -> json.append(quote(value.toString()));
    }
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      switch (letter) {
        case '"', '\\' -> quoted.append('\\').append(letter);
        default -> quoted.append(letter < ' ' ? "\\u%04x".formatted((int) letter) : letter);
      }
    }
    return quoted.append('"').toString();
  }
}
