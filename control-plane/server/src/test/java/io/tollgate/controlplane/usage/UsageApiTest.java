package io.tollgate.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.UsageTotals;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.TestApi;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class UsageApiTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-01T10:20:00Z"));
  private static TestApi api;

  @BeforeAll
  static void start() {
    Usage usage =
        new Usage(
            new TenantClocks(CLOCK),
            (tx, ids) -> {
              Set<String> known = new java.util.TreeSet<>(ids);
              known.remove("nobody");
              return known;
            },
            (tx, tenants, span) -> Map.of("begins-now", List.of(CLOCK.instant())));
    usage.refuseUnknown((tx, key) -> !key.equals("cals"));
    api = TestApi.start(DB, CLOCK, usage);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void postTotals_goldenMessageTwice_isReceiptedAndCountedOnce() throws Exception {
    String golden;
    try (var in = UsageTotals.class.getResourceAsStream("golden/UsageTotals.json")) {
      golden =
          new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    for (int i = 0; i < 2; i++) {
      TestApi.Answer answer = api.as("proxy").post("/api/proxy/usage", golden);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().path("accepted").asInt()).isEqualTo(2);
      assertThat(answer.json().path("sequence").asInt()).isEqualTo(17);
    }
    TestApi.Answer report =
        api.as("viewer")
            .get(
                "/api/billing/usage?tenant=dharma-gau-raksha&group=hour"
                    + "&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z");
    assertThat(report.json().path("usage").path("calls").asLong()).isEqualTo(812);
    assertThat(report.json().path("usage").path("pdf-receipts").asLong()).isEqualTo(3);
    assertThat(report.json().path("breakdown").get(0).path("from").asText())
        .isEqualTo("2026-03-01T10:00:00Z");
  }

  @Test
  void postUsage_ofAKeyNoCatalogCounts_isRefusedAndNamed() {
    TestApi.Answer answer =
        api.as("operator")
            .post("/api/billing/usage", "{\"tenant\":\"typo\",\"meter\":\"cals\",\"delta\":1}");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.text()).contains("'cals'");
  }

  @Test
  void postUsage_ofSeveral_namesTheOneThatIsWrong() {
    String good = "{\"tenant\":\"t\",\"meter\":\"calls\",\"delta\":1}";
    Map<String, String> mistakes =
        Map.of(
            "{\"tenant\":\"t\",\"meter\":\"cals\",\"delta\":1}", "meter",
            "{\"tenant\":\"t\",\"entitlementKey\":\"cals\",\"delta\":1}", "entitlementKey",
            "{\"tenantId\":\"nobody\",\"meter\":\"calls\",\"delta\":1}", "tenantId",
            "{\"tenant\":\"t\",\"meter\":\"calls\",\"delta\":1,\"at\":\"2027-01-01T00:00:00Z\"}",
                "at",
            "{\"tenant\":\"t\",\"meter\":\"calls\",\"delta\":\"x\"}", "delta");
    mistakes.forEach(
        (wrong, field) -> {
          TestApi.Answer many =
              api.as("operator")
                  .post("/api/billing/usage", "{\"events\":[" + good + "," + wrong + "]}");
          assertThat(many.status()).as(many.text()).isEqualTo(422);
          assertThat(many.json().at("/errors/0/field").asText()).isEqualTo("events[1]." + field);
          TestApi.Answer one = api.as("operator").post("/api/billing/usage", wrong);
          assertThat(one.json().at("/errors/0/field").asText()).isEqualTo(field);
        });
  }

  @Test
  void postTotals_withoutTheRoleOrGarbage_isRefused() {
    assertThat(api.as("operator").post("/api/proxy/usage", "{}").status()).isEqualTo(403);
    assertThat(api.as("proxy").post("/api/proxy/usage", "{").status()).isEqualTo(400);
    assertThat(api.as("proxy").post("/api/proxy/usage", "{}").status()).isBetween(400, 422);
    assertThat(
            api.as("proxy")
                .post(
                    "/api/proxy/usage",
                    "{\"format\":9,\"source\":\"a\",\"incarnation\":\"b\",\"sequence\":1,\"totals\":[]}")
                .status())
        .isEqualTo(422);
  }

  @Test
  void postEvent_documentsNames_isRecorded() {
    String body =
        "{\"tenantId\":\"100\",\"entitlementKey\":\"storage.files\",\"delta\":1,\"id\":\"e\"}";
    TestApi.Answer first = api.as("operator").post("/api/billing/usage", body);
    assertThat(first.status()).as(first.text()).isEqualTo(200);
    assertThat(api.as("operator").post("/api/billing/usage", body).text()).isEqualTo(first.text());
    TestApi.Answer other =
        api.as("operator").post("/api/billing/usage", body.replace(":1,", ":2,"));
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.json().path("event").path("delta").asInt()).isEqualTo(1);
    assertThat(other.json().at("/errors/0/field").asText()).isEqualTo("id");
    TestApi.Answer among =
        api.as("operator")
            .post(
                "/api/billing/usage",
                "{\"events\":[{\"tenant\":\"100\",\"meter\":\"storage.files\",\"delta\":4},"
                    + body.replace(":1,", ":2,")
                    + "]}");
    assertThat(among.status()).isEqualTo(409);
    assertThat(among.json().at("/errors/0/field").asText()).isEqualTo("events[1].id");
    assertThat(among.json().path("detail").asText()).contains("events[1].id: the event 'e'");
    TestApi.Answer batch =
        api.as("operator")
            .post(
                "/api/billing/usage",
                "{\"events\":[{\"tenant\":\"100\",\"meter\":\"storage.files\",\"delta\":4},"
                    + "{\"tenant\":\"100\",\"key\":\"storage.files\",\"delta\":-2}]}");
    assertThat(batch.json().path("events")).hasSize(2);
    String report = "/api/billing/usage?to=2026-03-02T00:00:00Z";
    assertThat(api.asTenant("100").get(report + "&tenant=other").status()).isEqualTo(403);
    TestApi.Answer own = api.asTenant("100").get(report);
    assertThat(own.json().path("tenant").asText()).isEqualTo("100");
    assertThat(own.json().path("usage").path("storage.files").asLong()).isEqualTo(3);
  }

  @Test
  void report_withoutAnEnd_hasWhatWasRecordedAtThisInstant() {
    api.as("operator")
        .post(
            "/api/billing/usage",
            "{\"tenant\": \"begins-now\", \"meter\": \"calls\", \"delta\": 7}");
    TestApi.Answer now = api.as("viewer").get("/api/billing/usage?tenant=begins-now");
    assertThat(now.json().path("usage").path("calls").asLong()).isEqualTo(7);
    assertThat(now.json().path("to").asText()).isEqualTo("2026-03-01T10:20:00.000001Z");
    TestApi.Answer before =
        api.as("viewer").get("/api/billing/usage?tenant=begins-now&to=" + CLOCK.instant());
    assertThat(before.json().path("usage")).as("an end that is given is excluded").isEmpty();
  }

  @Test
  void postEvent_mistakes_nameTheField() {
    for (Map.Entry<String, String> mistake :
        Map.of(
                "{\"meter\":\"m\",\"delta\":1}", "tenant",
                "{\"tenant\":\"t\",\"delta\":1}", "meter",
                "{\"tenant\":\"t\",\"meter\":\"m\"}", "delta",
                "{\"tenant\":\"t\",\"meter\":\"m\",\"delta\":1.5}", "delta",
                "{\"tenant\":\"t\",\"meter\":\"m\",\"key\":\"n\",\"delta\":1}", "meter",
                "{\"tenant\":\"t\",\"meter\":\"m\",\"delta\":1,\"at\":\"tomorrow\"}", "at",
                "{\"tenant\":\"t\",\"meter\":\"m\",\"delta\":1,\"at\":\"2027-01-01T00:00:00Z\"}",
                    "at",
                "{\"tenant\":\"t\",\"meter\":\"m\",\"delta\":1,\"colour\":1}", "colour",
                "{\"tenant\":\"nobody\",\"meter\":\"m\",\"delta\":1}", "tenant",
                "{\"events\":[]}", "events")
            .entrySet()) {
      TestApi.Answer answer = api.as("operator").post("/api/billing/usage", mistake.getKey());
      assertThat(answer.status()).as(mistake.getKey()).isEqualTo(422);
      assertThat(answer.json().path("detail").asText()).startsWith(mistake.getValue());
    }
    assertThat(api.as("viewer").get("/api/billing/usage").status()).isEqualTo(422);
    assertThat(api.as("viewer").get("/api/billing/usage?tenant=t&group=week").status())
        .isEqualTo(422);
  }
}
