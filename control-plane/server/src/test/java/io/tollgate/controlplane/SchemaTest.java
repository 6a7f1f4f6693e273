package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.simulation.scenario.Scenario;
import io.tollgate.controlplane.simulation.scenario.ScenarioReader;
import io.tollgate.yaml.YamlException;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schemas of catalogs and scenarios hold for every example, and refuse what readers refuse. */
class SchemaTest {
  private static final Path CATALOGS = Path.of("../../examples/catalogs");
  private static final String BASE = "https://tollgate.invalid/catalogs/";
  static final String CATALOG = BASE + "catalog.schema.json";
  static final String SCENARIO = BASE + "scenarios/scenario.schema.json";

  private static final String INLINE = "{catalog: c, plans: {a: {prices: {EUR: {monthly: 1}}}}}";

  /** Each form of each action that no example needs. */
  private static final List<String> READ =
      List.of(
          "{at: 2026-01-01T10:00:00.5+05:30, subscribe: {plan: a, cycle: 45-days, price: 0}}",
          "{at: 2026-01-01, change: {quantity: 2, when: period-end}}",
          "{at: 2026-01-01, cancel: {at: 2026-02-01, refund: true}}",
          "{at: 2026-01-01, cancel: {}}",
          "{at: 2026-01-01, unschedule: {add-on: x}}",
          "{at: 2026-01-01, migrate-all: {not-before: 2026-02-01}}",
          "{at: 2026-01-01, usage: {at: 2025-12-31, calls: [1, -0.5, '2']}}",
          "{at: 2026-01-01, pay: {amount: all, number: INV-1}}",
          "{at: 2026-01-01, pay: 1_000.50}",
          "{at: 2026-01-01, credit: {lines: [{line: 1, quantity: 0.5}], number: INV-1}}",
          "{at: 2026-01-01, void: {number: INV-1}}",
          "{at: 2026-01-01, wallet: {meter: m, top-up: {below: 1, quantity: 2, add-on: x}}}",
          "{at: 2026-01-01, override: {feature: f, value: 5, expires: 2026-02-01}}",
          "{at: 2026-01-01, update-tenant: {country: '', address: [a, b], language: en-IN}}",
          "{at: 2026-01-01, import: {table: usage, json: [], dry-run: true}}",
          "{at: 2026-01-01, document: {format: pdf, contains: [1, x]}}",
          "{at: 2026-01-01, resume: true, refused: {status: 409, state: active}}",
          "{at: 2026-01-01, expect: {invoices: {0: {total: 1}, size: 1}, wallets: {}}}");

  private static final SchemaRepository SCHEMAS = schemas();

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

  /** A scenario that both take, and each of these mistakes that neither does. */
  @Test
  void scenarioSchema_holdsForWhatTheReaderReads(@TempDir Path folder) throws IOException {
    for (String step : READ) {
      String scenario = scenario(step, "");
      assertValid(SCENARIO, plain(scenario));
      assertThatCode(() -> read(folder, scenario)).as(step).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "at: soon",
        "at: 2026-13-01, resume: true",
        "at: 2026-01-01T10, resume: true",
        "resume: true",
        "at: 2026-01-01",
        "at: 2026-01-01, tenant: t",
        "at: 2026-01-01, dance: true",
        "at: 2026-01-01, subscribe: a, pause: true",
        "at: 2026-01-01, resume: false",
        "at: 2026-01-01, subscribe: 1",
        "at: 2026-01-01, subscribe: {quantity: 1}",
        "at: 2026-01-01, subscribe: {plan: a, quantity: 0}",
        "at: 2026-01-01, subscribe: {plan: a, quantity: 1000001}",
        "at: 2026-01-01, subscribe: {plan: a, cycle: fortnightly}",
        "at: 2026-01-01, subscribe: {plan: a, currency: euro}",
        "at: 2026-01-01, subscribe: {plan: a, trial-days: 367}",
        "at: 2026-01-01, subscribe: {plan: a, price: dear}",
        "at: 2026-01-01, subscribe: {plan: a, add-ons: {x: 0}}",
        "at: 2026-01-01, subscribe: {plan: a, colour: red}",
        "at: 2026-01-01, change: {plan: a, when: later}",
        "at: 2026-01-01, change: {plan: a, when: forbidden}",
        "at: 2026-01-01, add-on: {key: x}",
        "at: 2026-01-01, add-on: {key: x, quantity: -1}",
        "at: 2026-01-01, preview: {pause: true}",
        "at: 2026-01-01, preview: {cancel: true, migrate: true}",
        "at: 2026-01-01, preview: {subscribe: {plan: a, dance: true}}",
        "at: 2026-01-01, estimate: {quantity: 1}",
        "at: 2026-01-01, estimate: {plan: a, usage: {calls: -1}}",
        "at: 2026-01-01, migrate-all: {}",
        "at: 2026-01-01, unschedule: everything",
        "at: 2026-01-01, pause: {}",
        "at: 2026-01-01, cancel: {when: now, at: 2026-02-01}",
        "at: 2026-01-01, coupon: 5",
        "at: 2026-01-01, usage: {calls: many}",
        "at: 2026-01-01, usage: {calls: 0.1234567891}",
        "at: 2026-01-01, usage: {calls: 281474976710657}",
        "at: 2026-01-01, charge: {description: x}",
        "at: 2026-01-01, charge: {description: x, unit-price: 1, quantity: 0}",
        "at: 2026-01-01, pay: some",
        "at: 2026-01-01, pay: -1",
        "at: 2026-01-01, pay: {amount: 1}",
        "at: 2026-01-01, pay-by: cash",
        "at: 2026-01-01, credit: {reason: x}",
        "at: 2026-01-01, credit: {lines: [{line: 1}]}",
        "at: 2026-01-01, credit: {amount: 1, lines: [{line: 1, amount: 1}]}",
        "at: 2026-01-01, credit: {lines: [{line: 1, amount: 1, quantity: 1}]}",
        "at: 2026-01-01, void: {why: x}",
        "at: 2026-01-01, refund: 0",
        "at: 2026-01-01, deliver: {channel: email, recipient: a, outcome: lost}",
        "at: 2026-01-01, grant: {currency: EUR, units: 1}",
        "at: 2026-01-01, grant: {currency: EUR, amount: 1, priority: 1001}",
        "at: 2026-01-01, top-up: {meter: m, units: 1}",
        "at: 2026-01-01, wallet: {currency: EUR, meter: m}",
        "at: 2026-01-01, wallet: {meter: m, top-up: {below: 1, amount: 1}}",
        "at: 2026-01-01, override: {feature: f, amount: 1}",
        "at: 2026-01-01, override: {limit: l, amount: -1}",
        "at: 2026-01-01, end-override: {feature: f, limit: l}",
        "at: 2026-01-01, update-tenant: {shoe-size: 5}",
        "at: 2026-01-01, rerate: {catalog: {catalog: x, plans: {a: {prices: {EUR: {monthly: 1}}}}}, invoices: 25}",
        "at: 2026-01-01, import: {table: tenants}",
        "at: 2026-01-01, document: docx",
        "at: 2026-01-01, resume: true, refused: 500",
        "at: 2026-01-01, resume: true, refused: {field: x}"
      })
  void scenarioSchema_refusesWhatTheReaderRefuses(String step, @TempDir Path folder) {
    assertRefusedByBoth(folder, scenario("{" + step + "}", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{scenario: x, catalog: %s, tenants: {}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {t: {}}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: euro}}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {'?': {currency: EUR}}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: EUR, size: 5}}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: EUR, email: x}}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: EUR, gstin: x}}, timeline: [%s]}",
        "{catalog: %s, tenants: {t: {currency: EUR}}, timeline: [%s]}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: EUR}}, timeline: []}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: EUR}}, timeline: [%s], until: later}",
        "{scenario: x, catalog: %s, tenants: {t: {currency: EUR}}, timeline: [%s], mood: good}",
        "{scenario: x, catalog: {from: stripe, file: a}, tenants: {t: {currency: EUR}},"
            + " timeline: [{at: 2026-01-01, subscribe: a}]}"
      })
  void scenarioSchema_refusesTheFrameThatTheReaderRefuses(String frame, @TempDir Path folder) {
    assertRefusedByBoth(folder, frame.formatted(INLINE, "{at: 2026-01-01, subscribe: a}"));
  }

  /** The reader leaves to the run what an expectation names; there it is no such value. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{balnce: 0}",
        "{last: {totl: 1}}",
        "{last: {lines: [{amont: 1}]}}",
        "{invoices: {first: {total: 1}}}",
        "{subscription: {state: dormant}}",
        "{subscription: {periods: [{from: 2026-01-01}]}}",
        "{standing: fine}",
        "{wallets: {EUR: {rest: 1}}}",
        "{payments: [{sum: 1}]}",
        "{rerating: {currencies: {EUR: {cheapest: 1}}}}",
        "{reconciliation: {meters: [{unmetered: 1}]}}"
      })
  void scenarioSchema_refusesAnExpectationOfWhatThereIsNot(String expected) {
    assertThat(isValid(scenario("{at: 2026-01-01, expect: " + expected + "}", ""))).isFalse();
    assertThat(isValid(scenario("{at: 2026-01-01, subscribe: a}", "expect: {t: " + expected + "}")))
        .isFalse();
  }

  private static void assertRefusedByBoth(Path folder, String scenario) {
    assertThat(isValid(scenario)).as("schema").isFalse();
    assertThatThrownBy(() -> read(folder, scenario)).isInstanceOf(YamlException.class);
  }

  private static Scenario read(Path folder, String scenario) throws IOException {
    return ScenarioReader.read(Files.writeString(folder.resolve("s.yaml"), scenario));
  }

  private static String scenario(String step, String rest) {
    return "{scenario: x, catalog: %s, tenants: {t: {currency: EUR}}, timeline: [%s]%s}"
        .formatted(INLINE, step, rest.isEmpty() ? "" : ", " + rest);
  }

  private static boolean isValid(String yaml) {
    return isValid(SCENARIO, plain(yaml));
  }

  /** Whether a schema takes a document. */
  static boolean isValid(String schema, Map<String, Object> document) {
    return Boolean.TRUE.equals(validated(schema, document).getValid());
  }

  private static Map<String, Object> plain(String yaml) {
    return YamlFile.parse("test.yaml", yaml, Map.of()).plain();
  }

  private static void assertValid(String schema, Map<String, Object> document) {
    OutputUnit unit = validated(schema, document);
    String errors = String.valueOf(unit.getErrors());
    assertThat(unit.getValid()).as(errors).isTrue();
  }

  private static void assertInvalid(String schema, String yaml) {
    assertThat(validated(schema, plain(yaml)).getValid()).isFalse();
  }

  private static OutputUnit validated(String schema, Map<String, Object> document) {
    return SCHEMAS.validator(schema).validate(new JsonObject(document));
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
