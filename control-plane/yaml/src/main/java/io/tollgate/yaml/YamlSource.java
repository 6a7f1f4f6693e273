package io.tollgate.yaml;

import java.util.Map;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** The file a value came from: what messages name, its text, and where secrets are looked up. */
record YamlSource(String file, String text, Map<String, String> environment) {
  /** A node's own text on its own lines and in its own column: what is before it is blank. */
  String section(Node node) {
    Mark start = node.getStartMark().orElseThrow();
    Mark end = node.getEndMark().orElseThrow();
    int from = text.offsetByCodePoints(0, start.getIndex());
    int to = text.offsetByCodePoints(0, end.getIndex());
    return "\n".repeat(start.getLine()) + " ".repeat(start.getColumn()) + text.substring(from, to);
  }

  YamlException mistake(Node at, String path, String problem) {
    int line = at.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return new YamlException(file, line, path, problem);
  }
}
