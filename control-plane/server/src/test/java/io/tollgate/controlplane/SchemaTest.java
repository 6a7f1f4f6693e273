package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.yaml.YamlFile;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schemas of catalogs and scenarios hold for every example, and refuse what readers refuse. */
class SchemaTest {
  private static final Path CATALOGS = Path.of("../../examples/catalogs");
  private static final String BASE = "https://tollgate.invalid/catalogs/";
  private static final String CATALOG = BASE + "catalog.schema.json";
  private static final String SCENARIO = BASE + "scenarios/scenario.schema.json";

  private final SchemaRepository schemas = schemas();

  static List<Path> catalogs() throws IOException {
    return yaml(CATALOGS, 1);
  }

  static List<Path> scenarios() throws IOException {
    return yaml(CATALOGS.resolve("scenarios"), 2);
  }

  @ParameterizedTest
  @MethodSource("catalogs")
  void catalogSchema_holdsForAnExample(Path file) {
    assertValid(CATALOG, YamlFile.read(file).plain());
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void scenarioSchema_holdsForAnExample(Path file) {
    assertValid(SCENARIO, YamlFile.read(file).plain());
  }

  @Test
  void examples_areFound() throws IOException {
    assertThat(catalogs()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(scenarios()).hasSizeGreaterThan(40);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{catalog: x}",
        "{catalog: X, plans: {a: {prices: {EUR: {monthly: 1}}}}}",
        "{catalog: x, plans: {a: {prices: {EUR: {monthly: -1}}}}}",
        "{catalog: x, plans: {a: {prices: {EUR: {fortnightly: 1}}}}}",
        "{catalog: x, plans: {a: {prices: {EUR: {monthly: {model: percentage, percent: 1}}}}}}",
        "{catalog: x, plans: {a: {prices: {EUR: {monthly: 1}}, colour: red}}}",
        "{catalog: x, plans: {a: {prices: {EUR: {monthly: 1}}}}, policies: {proration: hours}}",
        "{catalog: x, plans: {a: {prices: {EUR: {monthly: 1}}}}, coupons: {C: {periods: 1}}}"
      })
  void catalogSchema_refusesWhatTheReaderRefuses(String catalog) {
    assertInvalid(CATALOG, catalog);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{scenario: x, catalog: c.yaml, tenants: {}, timeline: [{at: 2026-01-01}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {}}, timeline: [{at: 2026-01-01}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}}, timeline: []}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}}, timeline: [{at: soon}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, dance: true}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, subscribe: a, pause: true}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, tenant: t}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, subscribe: a, expect: {balnce: 0}}]}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, subscribe: a}], expect: {t: {total: 0}}}",
        "{scenario: x, catalog: c.yaml, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, credit: {lines: [{line: 1}]}}]}",
        "{scenario: x, catalog: {catalog: c}, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, subscribe: a}]}"
      })
  void scenarioSchema_refusesWhatTheReaderRefuses(String scenario) {
    assertInvalid(SCENARIO, scenario);
  }

  private void assertValid(String schema, Map<String, Object> document) {
    OutputUnit unit = validated(schema, document);
    String errors = String.valueOf(unit.getErrors());
    assertThat(unit.getValid()).as(errors).isTrue();
  }

  private void assertInvalid(String schema, String yaml) {
    Map<String, Object> document = YamlFile.parse("test.yaml", yaml, Map.of()).plain();
    assertThat(validated(schema, document).getValid()).isFalse();
  }

  private OutputUnit validated(String schema, Map<String, Object> document) {
    return schemas.validator(schema).validate(new JsonObject(document));
  }

  private static SchemaRepository schemas() {
    return SchemaRepository.create(
            new JsonSchemaOptions()
                .setDraft(Draft.DRAFT202012)
                .setBaseUri(BASE)
                .setOutputFormat(OutputFormat.Basic))
        .dereference(CATALOG, schema("catalog.schema.json"))
        .dereference(SCENARIO, schema("scenarios/scenario.schema.json"));
  }

  private static JsonSchema schema(String file) {
    try {
      // The validator takes a way up as a name.
      String text =
          Files.readString(CATALOGS.resolve(file))
              .replace("\"../catalog.schema.json\"", "\"" + CATALOG + "\"");
      return JsonSchema.of(new JsonObject(text));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> yaml(Path folder, int depth) throws IOException {
    try (Stream<Path> files = Files.walk(folder, depth)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }
}
