package io.tollgate.agent.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON into maps, lists and strings. Numbers stay as they are written, true and false
 * likewise; null is null.
 */
final class JsonReader {
  private static final int DEEPEST = 32;

  private final String json;
  private int at;

  private JsonReader(String json) {
    this.json = json;
  }

  static @Nullable Object parse(String json) throws IOException {
    JsonReader reader = new JsonReader(json);
    Object value = reader.value(0);
    reader.skipSpace();
    if (reader.at != json.length()) {
      throw reader.wrong();
    }
    return value;
  }

  private @Nullable Object value(int depth) throws IOException {
    if (depth > DEEPEST) {
      throw wrong();
    }
    skipSpace();
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      default:
        return word();
    }
  }

  private Map<String, @Nullable Object> object(int depth) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    take('{');
    skipSpace();
    if (peek() == '}') {
      at++;
      return members;
    }
    while (true) {
      skipSpace();
      String name = string();
      skipSpace();
      take(':');
      members.put(name, value(depth + 1));
      skipSpace();
      if (peek() == '}') {
        at++;
        return members;
      }
      take(',');
    }
  }

  private List<@Nullable Object> array(int depth) throws IOException {
    List<@Nullable Object> elements = new ArrayList<>();
    take('[');
    skipSpace();
    if (peek() == ']') {
      at++;
      return elements;
    }
    while (true) {
      elements.add(value(depth + 1));
      skipSpace();
      if (peek() == ']') {
        at++;
        return elements;
      }
      take(',');
    }
  }

  private String string() throws IOException {
    take('"');
    StringBuilder text = new StringBuilder();
    while (peek() != '"') {
      char letter = json.charAt(at++);
      text.append(letter == '\\' ? escaped() : letter);
    }
    at++;
    return text.toString();
  }

  private char escaped() throws IOException {
    char letter = peek();
    at++;
    switch (letter) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'u':
        if (at + 4 > json.length()) {
          throw wrong();
        }
        at += 4;
        return (char) Integer.parseInt(json.substring(at - 4, at), 16);
      default:
        return letter;
    }
  }

  private @Nullable String word() throws IOException {
    int from = at;
    while (at < json.length() && ",]} \t\r\n".indexOf(json.charAt(at)) < 0) {
      at++;
    }
    String word = json.substring(from, at);
    if (word.isEmpty()) {
      throw wrong();
    }
    return word.equals("null") ? null : word;
  }

  private void skipSpace() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws IOException {
    if (at >= json.length()) {
      throw wrong();
    }
    return json.charAt(at);
  }

  private void take(char letter) throws IOException {
    if (peek() != letter) {
      throw wrong();
    }
    at++;
  }

  private IOException wrong() {
    return new IOException("no JSON at character " + at + ": " + json);
  }
}
