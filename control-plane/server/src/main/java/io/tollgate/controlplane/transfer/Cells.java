package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.web.Wire;
import java.util.List;

/** A row of CSV as the object the API takes. */
final class Cells {
  private final Table table;
  private final List<String> header;

  /**
   * Rows under a header.
   *
   * @throws MistakeException for a column that is unknown or stands twice
   */
  Cells(Table table, Csv.Row header) {
    this.table = table;
    this.header = header.cells().stream().map(String::strip).toList();
    for (String name : this.header) {
      if (table.column(name).isEmpty()) {
        throw new MistakeException(
            header.line(),
            name,
            "no such column; there are " + table.columns().stream().map(Column::name).toList());
      }
      if (this.header.indexOf(name) != this.header.lastIndexOf(name)) {
        throw new MistakeException(header.line(), name, "the column stands twice");
      }
    }
  }

  /** The row's cells by their columns; empty cells and columns for readers are left out. */
  ObjectNode object(Csv.Row row) {
    if (row.cells().size() != header.size()) {
      throw new MistakeException(
          row.line(), "", row.cells().size() + " cells under " + header.size() + " columns");
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < header.size(); i++) {
      Column column = table.column(header.get(i)).orElseThrow();
      String cell = row.cells().get(i);
      if (column.imported() && !cell.isEmpty()) {
        int dot = column.name().indexOf('.');
        ObjectNode into =
            dot < 0 ? object : object.withObjectProperty(column.name().substring(0, dot));
        put(into, column, Csv.plain(cell), row.line());
      }
    }
    return object;
  }

  /** A cell as it stands; empty where the header has no such column. */
  String cell(Csv.Row row, String column) {
    int at = header.indexOf(column);
    return at < 0 || at >= row.cells().size() ? "" : row.cells().get(at);
  }

  private static void put(ObjectNode into, Column column, String cell, int line) {
    String name = column.name().substring(column.name().indexOf('.') + 1);
    switch (column.type()) {
      case TEXT, DECIMAL, INSTANT -> into.put(name, cell);
      case WHOLE -> into.put(name, whole(column, cell, line));
      case BOOL -> {
        if (!cell.equals("true") && !cell.equals("false")) {
          throw new MistakeException(line, column.name(), "true or false is expected");
        }
        into.put(name, Boolean.parseBoolean(cell));
      }
      case LINES -> cell.lines().forEach(into.withArrayProperty(name)::add);
      case CODES -> {
        for (String code : cell.split(";", -1)) {
          into.withArrayProperty(name).add(code.strip());
        }
      }
      case QUANTITIES -> quantities(into.withArrayProperty(name), column, cell, line);
      case JSON -> {
        try {
          into.set(name, Wire.tree(cell));
        } catch (IllegalArgumentException e) {
          throw new MistakeException(line, column.name(), "JSON is expected: " + e.getMessage());
        }
      }
    }
  }

  private static void quantities(ArrayNode into, Column column, String cell, int line) {
    for (String each : cell.split(";", -1)) {
      int colon = each.lastIndexOf(':');
      String key = colon < 0 ? each : each.substring(0, colon);
      long quantity = colon < 0 ? 1 : whole(column, each.substring(colon + 1), line);
      into.addObject().put("addOn", key.strip()).put("quantity", quantity);
    }
  }

  private static long whole(Column column, String cell, int line) {
    try {
      return Long.parseLong(cell.strip());
    } catch (NumberFormatException e) {
      throw new MistakeException(line, column.name(), "a whole number is expected, not " + cell);
    }
  }
}
