package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.RateLimit;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Add-ons and overrides, as they come to limits and as bad ones are refused. */
class OverridesTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static TestHouse house;

  @BeforeAll
  static void start() {
    house = new TestHouse(DB);
    house.outbox.start();
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @Test
  void addOn_boughtAndOverrideExpired_changeTheLimits() {
    Instant start = Instant.parse("2026-03-01T00:00:00Z");
    String tenant = house.tenant(start);
    house.subscribe(tenant, "standard", Map.of("api-rate-limit-boost", 1));
    house.outbox.drain();
    assertThat(rate(tenant).amount()).isEqualTo(500);
    assertThat(rate(tenant).origin()).isEqualTo("addon:api-rate-limit-boost");
    Answer made =
        house
            .api
            .as("operator")
            .post(
                "/api/billing/tenants/" + tenant + "/overrides",
                """
                {"kind": "limit", "key": "api-rate", "amount": 7, "reason": "trouble",
                 "expiresAt": "2026-03-02T00:00:00Z"}
                """);
    assertThat(made.status()).isEqualTo(201);
    house.outbox.drain();
    assertThat(rate(tenant).amount()).isEqualTo(7);
    house.advance(tenant, Instant.parse("2026-03-02T00:00:00Z"));
    assertThat(rate(tenant).amount()).isEqualTo(500);
  }

  @Test
  void override_badInput_namesTheField() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "standard", Map.of());
    String path = "/api/billing/tenants/" + tenant + "/overrides";
    for (String body :
        List.of(
            "{\"kind\": \"limit\", \"key\": \"nope\", \"amount\": 1, \"reason\": \"t\"}",
            "{\"kind\": \"limit\", \"key\": \"api-rate\", \"reason\": \"t\"}",
            "{\"kind\": \"limit\", \"key\": \"api-rate\", \"amount\": -1, \"reason\": \"t\"}",
            "{\"kind\": \"limit\", \"key\": \"api-rate\", \"amount\": 0, \"reason\": \"t\"}",
            "{\"kind\": \"limit\", \"key\": \"api-rate\", \"burst\": 0, \"reason\": \"t\"}",
            "{\"kind\": \"feature\", \"key\": \"nope\", \"reason\": \"t\"}",
            "{\"kind\": \"feature\", \"key\": \"gaucoins\"}",
            "{\"kind\": \"feature\", \"key\": \"gaucoins\", \"reason\": \"t\", \"x\": 1}")) {
      assertThat(house.api.as("operator").post(path, body).status()).as(body).isEqualTo(422);
    }
  }

  @Test
  void override_burstBelowOneCall_isRefusedWithTheRemedy() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "standard", Map.of());
    house.outbox.drain();
    String path = "/api/billing/tenants/" + tenant + "/overrides";
    String body = "{\"kind\": \"limit\", \"key\": \"api-rate\", \"burst\": %d, \"reason\": \"t\"}";
    Answer refused = house.api.as("operator").post(path, body.formatted(4));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text()).contains("burst").contains("at least 5");
    assertThat(house.api.as("operator").post(path, body.formatted(5)).status()).isEqualTo(201);
    house.outbox.drain();
    assertThat(rate(tenant).burst()).isEqualTo(5);
  }

  @Test
  void override_thatLowersARate_leavesABucketForOneCall() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "standard", Map.of());
    String path = "/api/billing/tenants/" + tenant + "/overrides";
    String body = "{\"kind\": \"limit\", \"key\": \"api-rate\", \"amount\": 1, \"reason\": \"t\"}";
    assertThat(house.api.as("operator").post(path, body).status()).isEqualTo(201);
    house.outbox.drain();
    assertThat(rate(tenant).amount()).isEqualTo(1);
    assertThat(rate(tenant).burst()).isEqualTo(5);
  }

  @Test
  void override_burstOfAQuota_isRefused() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    String path = "/api/billing/tenants/" + tenant + "/overrides";
    Answer refused =
        house
            .api
            .as("operator")
            .post(
                path,
                "{\"kind\": \"limit\", \"key\": \"events\", \"burst\": 9, \"reason\": \"t\"}");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text()).contains("only a rate has a burst");
  }

  private static RateLimit rate(String tenant) {
    return house.seen(tenant).rates().stream()
        .filter(rate -> rate.name().equals("api-rate"))
        .findFirst()
        .orElseThrow();
  }
}
