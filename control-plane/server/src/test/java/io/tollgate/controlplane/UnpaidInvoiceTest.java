package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.yaml.YamlFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The whole house as it is composed, by its API alone: an invoice the billing itself made is left
 * unpaid on a test clock, and paid.
 */
class UnpaidInvoiceTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final InstantSource WALL = Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000));
  private static final String MANUAL =
      """
      test-clocks: true
      tokens: [{role: admin, secret: {env: ADMIN}}]
      database: {embedded: {data: unused}}
      """;

  private static TestApi api;

  @BeforeAll
  static void start() throws IOException {
    Settings settings =
        Settings.read(YamlFile.parse("test", MANUAL, Map.of("ADMIN", "admin-of-this-test")));
    Rooms rooms = Rooms.furnish(settings, DB.db(), WALL, new CollectorRegistry());
    Room[] all = rooms.all().stream().filter(room -> room != rooms.tokens()).toArray(Room[]::new);
    api = TestApi.start(DB, WALL, all);
    String catalog = Files.readString(Path.of("../../examples/catalogs/gaudaan.yaml"));
    send("/api/billing/catalogs", catalog, "Content-Type", "application/yaml");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void invoiceOfTheBilling_unpaid_closesTheDoorAndAPaymentOpensIt() {
    String clock =
        send(
                "/api/billing/test-clocks",
                "{\"name\": \"unpaid\", \"now\": \"2026-03-01T05:00:00Z\"}")
            .path("id")
            .asText();
    send(
        "/api/billing/tenants",
        """
        {"id": "dharma", "name": "Dharma Gau Raksha", "zone": "Asia/Kolkata", "currency": "INR",
         "testClock": "%s", "billing": {"country": "IN", "region": "MH"}}
        """
            .formatted(clock));
    send(
        "/api/billing/subscriptions",
        """
        {"tenant": "dharma", "catalog": "gaudaan", "plan": "standard", "cycle": "monthly"}
        """);
    advance(clock, "2026-03-01T06:00:00Z");
    JsonNode invoice = get("/api/billing/invoices?tenant=dharma").path("items").get(0);
    assertThat(invoice.path("status").asText()).isEqualTo("OPEN");
    assertThat(invoice.path("total").asText()).isEqualTo("2499.00");

    see(clock, "2026-03-07T18:30:00Z", "GRACE", "FULL");
    see(clock, "2026-03-14T18:30:00Z", "READ_ONLY", "READ_ONLY");
    see(clock, "2026-03-21T18:30:00Z", "SUSPENDED", "NONE");

    send("/api/billing/invoices/" + invoice.path("id").asText() + "/payments", "");
    advance(clock, "2026-03-21T18:30:01Z");
    see(clock, "2026-03-21T18:30:02Z", "ACTIVE", "FULL");
    see(clock, "2026-04-01T05:00:00Z", "ACTIVE", "FULL");
    assertThat(get("/api/billing/invoices?tenant=dharma").path("items")).hasSize(2);
    assertThat(get("/api/billing/audit/verification").path("intact").asBoolean()).isTrue();
    assertThat(get("/api/billing/agenda/set-aside").path("items")).isEmpty();
  }

  private static void see(String clock, String instant, String state, String access) {
    advance(clock, instant);
    assertThat(get("/api/billing/tenants/dharma/standing").path("state").asText())
        .as(instant)
        .isEqualTo(state);
    JsonNode seen = api.as("proxy").get("/api/proxy/tenants/dharma").json();
    assertThat(seen.path("standing").path("state").asText()).as(instant).isEqualTo(state);
    assertThat(seen.path("standing").path("access").asText()).as(instant).isEqualTo(access);
    assertThat(seen.path("frozenAt").asText()).isEqualTo(instant);
  }

  private static void advance(String clock, String to) {
    send("/api/billing/test-clocks/" + clock + "/advance", "{\"to\": \"" + to + "\"}");
  }

  private static JsonNode get(String path) {
    TestApi.Answer answer = api.as("admin").get(path);
    assertThat(answer.status()).as(path + " " + answer.text()).isEqualTo(200);
    return answer.json();
  }

  private static JsonNode send(String path, String body, String... headers) {
    TestApi.Answer answer = api.as("admin").post(path, body, headers);
    assertThat(answer.status()).as(path + " " + answer.text()).isBetween(200, 201);
    return answer.json();
  }
}
