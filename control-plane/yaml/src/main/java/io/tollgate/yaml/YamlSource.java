package io.tollgate.yaml;

import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;

/** The file a value came from: what messages name, and where secrets are looked up. */
record YamlSource(String file, Map<String, String> environment) {
  YamlException mistake(Node at, String path, String problem) {
    int line = at.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return new YamlException(file, line, path, problem);
  }
}
