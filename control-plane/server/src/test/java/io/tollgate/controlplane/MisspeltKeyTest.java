package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.controlplane.simulation.scenario.Scenario;
import io.tollgate.controlplane.simulation.scenario.ScenarioReader;
import io.tollgate.controlplane.web.Wire;
import io.tollgate.yaml.YamlException;
import io.tollgate.yaml.YamlFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Each word that the examples use as a key, misspelt: the reader names it as it stands there, with
 * its line. What is a word and what a name that people choose, the JSON Schemas say: they refuse
 * the one and take the other.
 */
class MisspeltKeyTest {
  private static final Path CATALOGS = Path.of("../../examples/catalogs");

  private static final Set<String> WORDS = words();

  private final Set<String> tried = new HashSet<>();
  private final List<String> wrong = new ArrayList<>();
  private int named;

  /** A key; tried once for each that is above it. */
  private record Place(String kind, ScalarNode key) {}

  @Test
  void scenario_namesAMisspeltKeyAndItsLine(@TempDir Path folder) throws IOException {
    Path scenarios = CATALOGS.resolve("scenarios");
    for (Path file : SchemaTest.scenarios()) {
      // Catalogs and rows lie beside it.
      Path beside = folder.resolve(scenarios.relativize(file));
      Files.createDirectories(beside.getParent());
      misspell(
          file,
          SchemaTest.SCENARIO,
          text ->
              mistake(
                  () -> {
                    Files.writeString(beside, text.replace("../", CATALOGS.toRealPath() + "/"));
                    Scenario read = ScenarioReader.read(beside);
                    CatalogYaml.parse(read.catalogFile(), read.catalog());
                  }));
    }
    assertThat(wrong).isEmpty();
    assertThat(named).isGreaterThan(250);
  }

  @Test
  void catalog_namesAMisspeltKeyAndItsLine() throws IOException {
    for (Path file : SchemaTest.catalogs()) {
      misspell(
          file,
          SchemaTest.CATALOG,
          text -> mistake(() -> CatalogYaml.parse(file.getFileName().toString(), text)));
    }
    assertThat(wrong).isEmpty();
    assertThat(named).isGreaterThan(50);
  }

  private interface Reading {
    void read() throws IOException;
  }

  private interface Trial {
    @Nullable String of(String text) throws IOException;
  }

  private static @Nullable String mistake(Reading reading) throws IOException {
    try {
      reading.read();
      return null;
    } catch (YamlException e) {
      return e.getMessage();
    }
  }

  private void misspell(Path file, String schema, Trial trial) throws IOException {
    String text = Files.readString(file);
    List<Place> places = new ArrayList<>();
    Node root = new Compose(LoadSettings.builder().build()).composeString(text).orElseThrow();
    collect(root, "", places);
    for (Place place : places) {
      if (!tried.add(place.kind())) {
        continue;
      }
      String key = place.key().getValue();
      String misspelt = key.substring(0, 1) + "zz" + key.substring(1);
      int start = place.key().getStartMark().orElseThrow().getIndex();
      int line = place.key().getStartMark().orElseThrow().getLine() + 1;
      int from = text.offsetByCodePoints(0, start);
      if (!text.startsWith(key, from)) {
        continue; // quoted
      }
      String changed = text.substring(0, from) + misspelt + text.substring(from + key.length());
      String said = trial.of(changed);
      if (said != null && said.contains(":" + line + ": ") && said.contains(misspelt)) {
        named++;
      } else if (!SchemaTest.isValid(schema, YamlFile.parse("x", changed, Map.of()).plain())) {
        wrong.add(file.getFileName() + ":" + line + ": " + misspelt + ": " + said);
      }
    }
  }

  private static Set<String> words() {
    Set<String> words = new HashSet<>();
    for (String file : List.of("catalog.schema.json", "scenarios/scenario.schema.json")) {
      try {
        collect(Wire.tree(Files.readString(CATALOGS.resolve(file))), words);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    return words;
  }

  private static void collect(JsonNode schema, Set<String> words) {
    schema.path("properties").fieldNames().forEachRemaining(words::add);
    schema.forEach(below -> collect(below, words));
  }

  private static void collect(Node node, String above, List<Place> places) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(each -> collect(each, above, places));
    }
    if (node instanceof MappingNode map) {
      for (NodeTuple tuple : map.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key) {
          // People's names are alike.
          String word = WORDS.contains(key.getValue()) ? key.getValue() : "*";
          places.add(new Place(above + "." + word, key));
          collect(tuple.getValueNode(), word, places);
        }
      }
    }
  }
}
