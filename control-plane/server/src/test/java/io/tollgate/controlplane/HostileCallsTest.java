package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Route;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Whatever is sent to any route is answered by one who understood why it cannot be: never 5xx. */
class HostileCallsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String LONG = "9".repeat(5000);

  /** What a field, a parameter or a part of a path may be. */
  private static final List<String> JUNK =
      List.of(
          "null",
          "-1",
          "1e400",
          "99999999999999999999",
          "1.5",
          "[]",
          "[null]",
          "{}",
          "\"\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"x\"",
          "\"99999999999999999999999999999.99\"",
          "\"8999-12-31T23:59:59Z\"",
          "\"+999999999-12-31T23:59:59Z\"",
          "\"9999-12-31\"",
          "\"" + LONG + "\"");

  private static final List<String> BODIES =
      List.of(
          "",
          " ",
          "null",
          "1",
          "\"x\"",
          "[]",
          "{",
          "{}{}",
          "{\"a\": 1, \"a\": 2}",
          "{\"\": 1}",
          "[".repeat(20_000),
          "{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000));

  private static final List<String> QUERIES =
      List.of("x", "99999999999", "%00", "0001-01-01T00:00:00Z", "a,b:c,:");

  private static WholeHouse house;
  private static Map<String, String> known;

  @BeforeAll
  static void start() {
    house = new WholeHouse(DB);
    house.apply(
        """
        catalog: hostile
        meters: {calls: {title: Calls, unit: call}}
        coupons: {TEN: {percent: 10}}
        add-ons: {seat: {plans: all, prices: {INR: {monthly: 5}}}}
        plans: {base: {prices: {INR: {monthly: 30}}}}
        """);
    String clock = house.clock("2026-03-01T05:00:00Z");
    house.tenant("t", clock);
    String subscription = house.subscribe("{\"tenant\": \"t\", \"plan\": \"base\"}");
    String invoice = house.get("/api/billing/invoices?tenant=t").at("/items/0/id").asText();
    String wallet =
        house
            .post("/api/billing/wallets", "{\"tenant\": \"t\", \"currency\": \"INR\"}")
            .path("id")
            .asText();
    known = new TreeMap<>();
    known.put("tenant", "\"t\"");
    known.put("plan", "\"base\"");
    known.put("addOn", "\"seat\"");
    known.put("code", "\"TEN\"");
    known.put("meter", "\"calls\"");
    known.put("delta", "1");
    known.put("amount", "\"1.00\"");
    known.put("reason", "\"r\"");
    known.put("name", "\"n\"");
    known.put("role", "\"VIEWER\"");
    known.put("currency", "\"INR\"");
    known.put("subscription", "\"" + subscription + "\"");
    known.put("to", "\"2026-03-02T05:00:00Z\"");
    known.put("now", "\"2026-03-02T05:00:00Z\"");
    known.put("provider", "\"manual\"");
    known.put("channel", "\"post\"");
    known.put("recipient", "\"x\"");
    known.put("kind", "\"FEATURE\"");
    known.put("key", "\"f\"");
    known.put("description", "\"d\"");
    known.put("unitPrice", "1");
    known.put("format", "1");
    known.put("source", "\"s\"");
    known.put("incarnation", "\"i\"");
    known.put("sequence", "1");
    known.put("totals", "[]");
    known.put("hour", "\"2026-03-01T10:00:00Z\"");
    known.put("total", "1");
    known.put("alerts", "[]");
    known.put("requestId", "\"r\"");
    known.put("cluster", "\"c\"");
    known.put("quota", "\"q\"");
    known.put("counter", "\"\"");
    known.put("units", "1");
    known.put("returned", "0");
    known.put("/subscriptions/", subscription);
    known.put("/invoices/", invoice);
    known.put("/wallets/", wallet);
    known.put("/test-clocks/", clock);
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @Test
  void anything_toAnyRoute_isAnsweredBelow500() {
    Map<String, String> broken = new LinkedHashMap<>();
    for (Route route : house.api.routes()) {
      if (route.path().endsWith("/changes") || route.path().contains("/webhooks/")) {
        continue; // A stream that does not end, and what proves itself by its signature.
      }
      TestApi.Caller caller = house.api.as(route.roles().contains(Role.ADMIN) ? "admin" : "proxy");
      for (String path : paths(route)) {
        for (String query : queries(route)) {
          for (String body : bodies(route)) {
            String type = body.startsWith("%") ? "application/yaml" : "application/json";
            Answer answer =
                caller.send(
                    route.method(), path + query, body, "If-Match", "*", "Content-Type", type);
            if (answer.status() >= 500) {
              broken.put(
                  route.method() + " " + path + query + " " + brief(body),
                  answer.status() + " " + brief(answer.text()));
            }
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static String brief(String text) {
    return text.length() > 300 ? text.substring(0, 300) : text;
  }

  private static List<String> paths(Route route) {
    String real = route.path().replace("{tenant}", "t").replace("{name}", "hostile");
    for (String room : List.of("/subscriptions/", "/invoices/", "/wallets/", "/test-clocks/")) {
      real = real.replace(room + "{id}", room + known.getOrDefault(room, "1"));
    }
    Set<String> paths = new LinkedHashSet<>();
    paths.add(real.replaceAll("[{][^}]*}", "1"));
    if (route.path().contains("{") && route.method().equals("GET")) {
      for (String junk :
          List.of("x", "-1", "99999999999999999999", "%00", "%ff", LONG.substring(0, 2000))) {
        paths.add(real.replaceAll("[{][^}]*}", junk));
        paths.add(route.path().replaceAll("[{][^}]*}", junk));
      }
    }
    return new ArrayList<>(paths);
  }

  private static List<String> queries(Route route) {
    List<String> queries = new ArrayList<>(List.of(""));
    for (String name : route.queries()) {
      QUERIES.forEach(value -> queries.add("?" + name + "=" + value));
      if (!name.equals("tenant") && route.queries().contains("tenant")) {
        QUERIES.forEach(value -> queries.add("?tenant=t&" + name + "=" + value));
      }
    }
    return queries;
  }

  private static List<String> bodies(Route route) {
    if (route.method().equals("GET")) {
      return List.of("");
    }
    List<String> bodies = new ArrayList<>(BODIES);
    Map<String, Object> schema = schema(route);
    Map<String, Object> properties = map(schema.get("properties"));
    Set<String> required = new LinkedHashSet<>();
    if (schema.get("required") instanceof List<?> names) {
      names.forEach(name -> required.add(String.valueOf(name)));
    }
    for (String property : properties.keySet()) {
      List<String> values = new ArrayList<>(JUNK);
      Map<String, Object> inner = resolve(properties.get(property));
      boolean list = inner.containsKey("items");
      Map<String, Object> element = list ? resolve(inner.get("items")) : inner;
      for (String nested : map(element.get("properties")).keySet()) {
        for (String junk : JUNK) {
          String object = object(map(element.get("properties")).keySet(), nested, junk);
          values.add(list ? "[" + object + "]" : object);
        }
      }
      for (String junk : values) {
        bodies.add(object(required, property, junk));
      }
    }
    return bodies;
  }

  /** An object of what is known of these fields, but for one. */
  private static String object(Set<String> fields, String but, String value) {
    Set<String> all = new LinkedHashSet<>(fields);
    all.add(but);
    return all.stream()
        .filter(field -> field.equals(but) || known.containsKey(field))
        .map(field -> "\"" + field + "\": " + (field.equals(but) ? value : known.get(field)))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static final Map<String, Object> CONTRACT = contract();

  @SuppressWarnings("unchecked")
  private static Map<String, Object> contract() {
    try (InputStream file =
        Objects.requireNonNull(HostileCallsTest.class.getResourceAsStream("/openapi.yaml"))) {
      return (Map<String, Object>)
          new Load(LoadSettings.builder().build()).loadFromInputStream(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> schema(Route route) {
    Map<String, Object> operation =
        map(
            map(map(CONTRACT.get("paths")).get(route.path()))
                .get(route.method().toLowerCase(Locale.ROOT)));
    Map<String, Object> body = map(map(operation.get("requestBody")).get("content"));
    return resolve(map(body.get("application/json")).get("schema"));
  }

  private static Map<String, Object> resolve(@Nullable Object schema) {
    Map<String, Object> found = map(schema);
    @Nullable Object reference = found.get("$ref");
    if (reference == null) {
      return found;
    }
    @Nullable Object node = CONTRACT;
    for (String step : String.valueOf(reference).substring(2).split("/", -1)) {
      node = map(node).get(step);
    }
    return resolve(node);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object value) {
    return value instanceof Map ? (Map<String, Object>) value : Map.of();
  }
}
