package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Route;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.yaml.YamlFile;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The contract file is sound, and it and the mounted routes are the same set. */
class OpenApiTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
  private static final Pattern BRACES = Pattern.compile("\\{([A-Za-z0-9]+)}");
  private static final Pattern QUERY = Pattern.compile("query:([A-Za-z]+);");
  private static final String EVERYTHING =
      """
      test-clocks: true
      tokens: [{role: admin, secret: {env: ADMIN}}]
      database: {embedded: {data: unused}}
      payments: {stripe: {key: {env: ADMIN}, webhook-secret: {env: ADMIN}}}
      """;

  private final Map<String, Object> contract = contract();

  static Settings settings() {
    return Settings.read(YamlFile.parse("test", EVERYTHING, Map.of("ADMIN", "admin-of-this-test")));
  }

  static Routes mounted(TestDatabase database) {
    Rooms rooms =
        Rooms.furnish(settings(), database.db(), InstantSource.system(), new CollectorRegistry());
    Routes routes = new Routes();
    rooms.all().forEach(room -> room.mount(routes));
    return routes;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> contract() {
    try (InputStream file =
        Objects.requireNonNull(OpenApiTest.class.getResourceAsStream("/openapi.yaml"))) {
      return (Map<String, Object>)
          new Load(LoadSettings.builder().build()).loadFromInputStream(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  /** Each operation by method and path. */
  private Map<String, Map<String, Object>> operations() {
    Map<String, Map<String, Object>> operations = new TreeMap<>();
    map(contract.get("paths"))
        .forEach(
            (path, item) ->
                map(item)
                    .forEach(
                        (method, operation) -> {
                          if (METHODS.contains(method)) {
                            operations.put(
                                method.toUpperCase(Locale.ROOT) + " " + path, map(operation));
                          }
                        }));
    return operations;
  }

  @Test
  void contract_namesExactlyTheMountedRoutes() {
    Set<String> mounted =
        mounted(DB).all().stream().map(Route::name).collect(Collectors.toCollection(TreeSet::new));
    assertThat(operations().keySet())
        .as("openapi.yaml (actual) against the routes mounted in Rooms (expected)")
        .isEqualTo(mounted);
  }

  @Test
  void contract_namesExactlyTheQueryParametersTaken() {
    Map<String, Set<String>> taken = new TreeMap<>();
    mounted(DB).all().forEach(route -> taken.put(route.name(), route.queries()));
    Map<String, Set<String>> declared = new TreeMap<>();
    operations()
        .forEach(
            (name, operation) -> {
              Set<String> queries = new TreeSet<>();
              Matcher query = QUERY.matcher(resolved(operation.get("parameters")));
              while (query.find()) {
                queries.add(query.group(1));
              }
              declared.put(name, queries);
            });
    assertThat(declared)
        .as("openapi.yaml (actual) against the routes mounted in Rooms (expected)")
        .isEqualTo(taken);
  }

  @Test
  void contract_operationsAreWhole() {
    List<Object> ids = new ArrayList<>();
    operations()
        .forEach(
            (name, operation) -> {
              ids.add(operation.get("operationId"));
              assertThat(operation.get("summary")).as(name).isInstanceOf(String.class);
              assertThat(map(operation.get("responses")).keySet())
                  .as(name)
                  .contains("default")
                  .hasSizeGreaterThan(1);
            });
    assertThat(ids).doesNotContainNull().doesNotHaveDuplicates();
  }

  @Test
  void contract_declaresEveryPathParameter() {
    map(contract.get("paths"))
        .forEach(
            (path, item) -> {
              String declared =
                  resolved(map(item).get("parameters"))
                      + map(item).values().stream()
                          .filter(Map.class::isInstance)
                          .map(operation -> resolved(map(operation).get("parameters")))
                          .collect(Collectors.joining());
              Matcher braces = BRACES.matcher(path);
              while (braces.find()) {
                assertThat(declared).as(path).contains("path:" + braces.group(1) + ";");
              }
            });
  }

  private String resolved(@Nullable Object parameters) {
    StringBuilder text = new StringBuilder();
    if (parameters instanceof List<?> list) {
      for (Object parameter : list) {
        Map<String, Object> declared = map(parameter);
        Object reference = declared.get("$ref");
        if (reference != null) {
          declared = map(target(String.valueOf(reference)));
        }
        text.append(declared.get("in")).append(':').append(declared.get("name")).append(';');
      }
    }
    return text.toString();
  }

  @Test
  void contract_hasNoKeyWithoutValue() {
    List<String> empty = new ArrayList<>();
    empties("", contract, empty);
    assertThat(empty).isEmpty();
  }

  private static void empties(String path, @Nullable Object node, List<String> found) {
    switch (node) {
      case null -> found.add(path);
      case Map<?, ?> map -> map.forEach((key, value) -> empties(path + "/" + key, value, found));
      case List<?> list -> list.forEach(value -> empties(path + "/-", value, found));
      default -> {}
    }
  }

  @Test
  void contract_aBodyWithRequiredFieldsIsRequired() {
    operations()
        .forEach(
            (name, operation) -> {
              Map<String, Object> body = map(operation.get("requestBody"));
              map(body.get("content"))
                  .values()
                  .forEach(
                      content -> {
                        if (map(map(content).get("schema")).containsKey("required")) {
                          assertThat(body.get("required")).as(name).isEqualTo(true);
                        }
                      });
            });
  }

  @Test
  void contract_referencesResolve() {
    List<String> references = new ArrayList<>();
    collect(contract, references);
    assertThat(references).isNotEmpty();
    references.forEach(reference -> assertThat(target(reference)).as(reference).isNotNull());
  }

  private static void collect(@Nullable Object node, List<String> references) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            if (key.equals("$ref")) {
              references.add(String.valueOf(value));
            }
            collect(value, references);
          });
    } else if (node instanceof List<?> list) {
      list.forEach(element -> collect(element, references));
    }
  }

  private @Nullable Object target(String reference) {
    @Nullable Object node = contract;
    for (String step : reference.substring(2).split("/", -1)) {
      node = map(node).get(step);
    }
    return node;
  }
}
