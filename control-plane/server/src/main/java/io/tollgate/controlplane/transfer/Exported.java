package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.web.Wire;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads back what was exported, row by row. */
final class Exported {
  private Exported() {}

  /** The rows, each with its cells by column; empty cells are left out. */
  static List<Map<String, String>> rows(boolean csv, String text) {
    return csv ? csv(text) : json(text);
  }

  private static List<Map<String, String>> csv(String text) {
    Csv csv = new Csv(text);
    List<String> header = csv.next().orElseThrow().cells();
    List<Map<String, String>> rows = new ArrayList<>();
    for (var row = csv.next(); row.isPresent(); row = csv.next()) {
      Map<String, String> cells = new LinkedHashMap<>();
      for (int i = 0; i < header.size(); i++) {
        String cell = row.get().cells().get(i);
        if (!cell.isEmpty()) {
          cells.put(header.get(i), Csv.plain(cell));
        }
      }
      rows.add(cells);
    }
    return rows;
  }

  private static List<Map<String, String>> json(String text) {
    List<Map<String, String>> rows = new ArrayList<>();
    for (JsonNode each : Wire.tree(text)) {
      Map<String, String> cells = new LinkedHashMap<>();
      put(cells, "", each);
      rows.add(cells);
    }
    return rows;
  }

  private static void put(Map<String, String> cells, String path, JsonNode object) {
    object
        .properties()
        .forEach(
            member -> {
              JsonNode value = member.getValue();
              String name = path + member.getKey();
              if (value.isObject()) {
                put(cells, name + ".", value);
              } else {
                cells.put(name, value.isArray() ? value.toString() : value.asText());
              }
            });
  }
}
