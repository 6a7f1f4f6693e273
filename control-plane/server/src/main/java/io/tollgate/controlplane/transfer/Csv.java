package io.tollgate.controlplane.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * CSV by RFC 4180: a comma between cells, CRLF after rows, quotes around what needs them, doubled
 * inside. Reading takes LF alone and a byte order mark too. Not thread-safe.
 *
 * <p>A text that a spreadsheet would take for a formula is written with an apostrophe before it,
 * and an apostrophe before such a text is taken off again when it is read. Numbers stay numbers.
 */
final class Csv {
  private static final Pattern QUOTED = Pattern.compile("[\",\r\n]");
  private static final Pattern FORMULA = Pattern.compile("(?s)[=+\\-@\t\r].*");
  private static final Pattern DISARMED = Pattern.compile("(?s)'[=+\\-@\t\r].*");

  /** A row with the line on which it begins, from 1. */
  record Row(int line, List<String> cells) {}

  private final String text;
  private int at;
  private int line = 1;

  /** A reader of a whole text, from its beginning. */
  Csv(String text) {
    this.text = text;
    this.at = text.startsWith("\uFEFF") ? 1 : 0;
  }

  /** A row as it is written, its end included. */
  static String row(List<String> cells) {
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      row.append(i == 0 ? "" : ",").append(quoted(cells.get(i)));
    }
    return row.append("\r\n").toString();
  }

  /** A text that no spreadsheet runs. */
  static String harmless(String cell) {
    return FORMULA.matcher(cell).matches() || DISARMED.matcher(cell).matches() ? "'" + cell : cell;
  }

  /** What {@link #harmless} was given. */
  static String plain(String cell) {
    return DISARMED.matcher(cell).matches() || cell.startsWith("''") ? cell.substring(1) : cell;
  }

  private static String quoted(String cell) {
    return QUOTED.matcher(cell).find() ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }

  /**
   * The next row; empty at the end. Lines without anything are passed over.
   *
   * @throws MistakeException naming the line
   */
  Optional<Row> next() {
    while (at < text.length() && (text.charAt(at) == '\n' || text.charAt(at) == '\r')) {
      end();
    }
    if (at >= text.length()) {
      return Optional.empty();
    }
    int first = line;
    List<String> cells = new ArrayList<>();
    cells.add(cell());
    while (at < text.length() && text.charAt(at) == ',') {
      at++;
      cells.add(cell());
    }
    if (at < text.length()) {
      end();
    }
    return Optional.of(new Row(first, cells));
  }

  /** Goes over the end of a line. */
  private void end() {
    if (text.charAt(at) == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
      at++;
    }
    at++;
    line++;
  }

  private String cell() {
    if (at < text.length() && text.charAt(at) == '"') {
      return inQuotes();
    }
    int start = at;
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      if (text.charAt(at) == '"') {
        throw new MistakeException(line, "", "a quote inside a cell that is not quoted");
      }
      at++;
    }
    return text.substring(start, at);
  }

  private String inQuotes() {
    int opened = line;
    StringBuilder cell = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' && at + 1 < text.length() && text.charAt(at + 1) == '"') {
        cell.append('"');
        at += 2;
      } else if (c == '"') {
        at++;
        if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
          throw new MistakeException(line, "", "something stands behind a closing quote");
        }
        return cell.toString();
      } else {
        line += c == '\n' ? 1 : 0;
        cell.append(c);
        at++;
      }
    }
    throw new MistakeException(opened, "", "a quote is never closed");
  }
}
