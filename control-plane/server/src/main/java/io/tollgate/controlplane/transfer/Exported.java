package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.web.Wire;
import java.util.List;

/** Reads back what was exported, row by row. */
final class Exported {
  private Exported() {}

  /** The rows: of JSON as they are, of CSV with each cell as text and empty ones left out. */
  static JsonNode rows(boolean csv, String text) {
    return csv ? csv(text) : Wire.tree(text);
  }

  private static JsonNode csv(String text) {
    Csv csv = new Csv(text);
    List<String> header = csv.next().orElseThrow().cells();
    ArrayNode rows = Wire.mapper().createArrayNode();
    for (var row = csv.next(); row.isPresent(); row = csv.next()) {
      ObjectNode cells = rows.addObject();
      for (int i = 0; i < header.size(); i++) {
        String cell = row.get().cells().get(i);
        if (!cell.isEmpty()) {
          put(cells, header.get(i), Csv.plain(cell));
        }
      }
    }
    return rows;
  }

  /** A column such as {@code billing.city} is a member of {@code billing}. */
  private static void put(ObjectNode cells, String column, String cell) {
    int dot = column.indexOf('.');
    if (dot < 0) {
      cells.put(column, cell);
    } else {
      put(cells.withObjectProperty(column.substring(0, dot)), column.substring(dot + 1), cell);
    }
  }
}
