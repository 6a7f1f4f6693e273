package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Route;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One tenant's token against every route a tenant may call, aimed at another tenant's things. */
class RowSecurityTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String VICTIM = "victim-7f3a";
  private static final String INTRUDER = "intruder";
  private static final Pattern BRACES = Pattern.compile("\\{([A-Za-z0-9]+)}");

  private static TestApi api;

  @BeforeAll
  static void start() {
    Rooms rooms =
        Rooms.furnish(
            OpenApiTest.settings(), DB.db(), InstantSource.system(), new CollectorRegistry());
    Room[] all = rooms.all().stream().filter(room -> room != rooms.tokens()).toArray(Room[]::new);
    api = TestApi.start(DB, InstantSource.system(), all);
    for (String tenant : new String[] {VICTIM, INTRUDER}) {
      Answer made =
          api.as("admin")
              .post(
                  "/api/billing/tenants",
                  "{\"id\": \""
                      + tenant
                      + "\", \"name\": \""
                      + tenant
                      + "\", \"currency\": \"INR\"}");
      assertThat(made.status()).as(made.text()).isEqualTo(201);
      api.as("admin").post("/api/billing/tenants/" + tenant + "/keys", "{\"name\": \"live\"}");
    }
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void everyTenantRoute_aimedAtAnotherTenant_givesNothing() {
    TestApi.Caller intruder = api.asTenant(INTRUDER);
    Map<String, String> leaks = new LinkedHashMap<>();
    int tried = 0;
    for (Route route : api.routes()) {
      if (!route.roles().contains(Role.TENANT)) {
        continue;
      }
      tried++;
      String path = aimed(route.path());
      String body = route.method().equals("GET") || route.method().equals("DELETE") ? "" : "{}";
      for (String query : new String[] {"", "?tenant=" + VICTIM}) {
        Answer answer = intruder.send(route.method(), path + query, body);
        String told = answer.status() < 300 ? answer.text() : "";
        boolean named = path.contains(VICTIM) && answer.status() < 300;
        if (named || told.contains(VICTIM) || answer.status() >= 500) {
          leaks.put(route.method() + " " + path + query, answer.status() + " " + answer.text());
        }
      }
    }
    assertThat(leaks).isEmpty();
    assertThat(tried).isGreaterThan(4);
  }

  /** The path with the victim's own ids in its braces, as staff can list them. */
  private static String aimed(String template) {
    String path = template.replace("{tenant}", VICTIM);
    Matcher braces = BRACES.matcher(path);
    while (braces.find()) {
      path =
          path.substring(0, braces.start())
              + firstId(path.substring(0, braces.start() - 1))
              + path.substring(braces.end());
      braces = BRACES.matcher(path);
    }
    return path;
  }

  private static String firstId(String list) {
    Answer answer = api.as("admin").get(list + "?tenant=" + VICTIM);
    if (answer.status() != 200) {
      return "none";
    }
    JsonNode items = answer.json().path("items");
    return items.isEmpty() ? "none" : items.get(0).path("id").asText("none");
  }

  @Test
  void everyPlainRoute_refusesWhoHasNoToken() {
    for (Route route : api.routes()) {
      Answer answer = api.as("unknown").send(route.method(), aimed(route.path()), "");
      assertThat(answer.status()).as(route.name()).isIn(401, 400, 415);
    }
  }
}
