package io.tollgate.controlplane.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.web.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The keys that a result can have are those of the scenarios' JSON Schema. */
class ResultKeysTest {
  private static final Path SCHEMA =
      Path.of("../../examples/catalogs/scenarios/scenario.schema.json");

  private final JsonNode root = root();
  private final List<String> apart = new ArrayList<>();

  @Test
  void keys_areTheSchemas() {
    compare("expect", ResultKeys.ofTenant(), root.at("/$defs/expected"));
    assertThat(apart).isEmpty();
  }

  /** Each is to be of the kind that the other is, and so is all that is below. */
  private void compare(String path, ResultKeys keys, JsonNode said) {
    JsonNode schema = said.has("$ref") ? root.at(said.path("$ref").asText().substring(1)) : said;
    JsonNode others = schema.path("additionalProperties");
    switch (keys) {
      case ResultKeys.Named named -> {
        same(path, names(schema), new TreeSet<>(named.keys().keySet()));
        same(path + " has others", others.asBoolean(true), false);
        named
            .keys()
            .forEach(
                (key, below) ->
                    compare(path + "." + key, below, schema.path("properties").path(key)));
      }
      case ResultKeys.Numbered list -> {
        same(path, names(schema), Set.of("size"));
        same(path + " has others", others.asBoolean(true), false);
        compare(path + "[]", list.element(), schema.path("items"));
        compare(path + ".0", list.element(), schema.at("/patternProperties/^[0-9]+$"));
      }
      case ResultKeys.Each each -> {
        same(path + " by name", schema.has("propertyNames") || !others.isObject(), false);
        compare(path + ".*", each.value(), others);
      }
      case ResultKeys.ByCurrency each -> {
        same(path + " by", schema.at("/propertyNames/pattern").asText(), "^[A-Z]{3}$");
        compare(path + ".*", each.value(), others);
      }
      case ResultKeys.Free free -> same(path, schema.toString(), "{\"type\":\"object\"}");
      case ResultKeys.Value value ->
          same(
              path + " is a value",
              schema.has("properties") || schema.has("items") || others.isObject(),
              false);
    }
  }

  private void same(String what, Object schema, Object keys) {
    if (!schema.equals(keys)) {
      apart.add(what + ": the schema says " + schema + ", the reader " + keys);
    }
  }

  private static Set<String> names(JsonNode schema) {
    Set<String> names = new TreeSet<>();
    schema.path("properties").fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode root() {
    try {
      return Wire.tree(Files.readString(SCHEMA));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
