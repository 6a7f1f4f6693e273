package io.tollgate.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.web.Hashes;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TenantsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z"));
  private static final List<String> EVENTS = new ArrayList<>();
  private static TestApi api;
  private static Tenants tenants;
  private static Outbox outbox;

  @BeforeAll
  static void start() {
    Ids ids = new Ids(CLOCK, new SecureRandom());
    outbox = new Outbox(DB.db(), CLOCK);
    outbox.subscribe(
        "test",
        kind -> true,
        (tx, events) -> events.forEach(event -> EVENTS.add(event.tenant() + " " + event.kind())));
    Audit audit = new Audit(CLOCK);
    Agenda agenda = new Agenda(DB.db(), CLOCK);
    TestClocks testClocks =
        new TestClocks(DB.db(), agenda, audit, CLOCK, ids, () -> outbox.drain());
    tenants =
        new Tenants(
            new Tenants.Parts(
                audit, outbox, new TenantClocks(CLOCK), testClocks, ids, new SecureRandom()));
    tenants.guard(
        (tx, tenant) -> tenant.equals("busy") ? Optional.of("it subscribes") : Optional.empty());
    api = TestApi.start(DB, CLOCK, tenants, testClocks, audit, agenda);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static Answer create(String id) {
    return api.as("operator")
        .post(
            "/api/billing/tenants",
            "{\"id\": \"" + id + "\", \"name\": \"Shelter\", \"currency\": \"INR\"}");
  }

  @Test
  void create_keepsEveryDetail() {
    String body =
        """
        {"id": "dharma", "name": "Dharma Gau Raksha", "currency": "INR", "zone": "Asia/Kolkata",
         "billing": {"address": ["1 Temple Road", "Mysuru"], "country": "IN", "region": "KA",
           "gstin": "29ABCDE1234F1Z5", "pan": "ABCDE1234F", "email": "pay@dharma.example",
           "language": "en-IN"}}
        """;
    assertThat(api.as("operator").post("/api/billing/tenants", body).status()).isEqualTo(201);
    Answer read = api.as("viewer").get("/api/billing/tenants/dharma");
    assertThat(read.header("ETag")).isEqualTo("\"1\"");
    assertThat(read.json().at("/zone").asText()).isEqualTo("Asia/Kolkata");
    assertThat(read.json().at("/billing/name").asText()).isEqualTo("Dharma Gau Raksha");
    assertThat(read.json().at("/billing/gstin").asText()).isEqualTo("29ABCDE1234F1Z5");
    assertThat(read.json().at("/billing/language").asText()).isEqualTo("en-IN");
    assertThat(create("dharma").status()).isEqualTo(409);
  }

  @Test
  void create_withoutId_makesOne() {
    Answer made =
        api.as("operator").post("/api/billing/tenants", "{\"name\": \"X\", \"currency\": \"USD\"}");
    String id = made.json().path("id").asText();
    assertThat(id).startsWith("ten_");
    assertThat(api.as("viewer").get("/api/billing/tenants/" + id).status()).isEqualTo(200);
  }

  @Test
  void create_wrongValue_namesTheField() {
    String[][] wrong = {
      {"currency", "{\"name\": \"X\", \"currency\": \"RUPEES\"}"},
      {"zone", "{\"name\": \"X\", \"currency\": \"INR\", \"zone\": \"Mysuru\"}"},
      {"id", "{\"id\": \"A B\", \"name\": \"X\", \"currency\": \"INR\"}"},
      {"testClock", "{\"name\": \"X\", \"currency\": \"INR\", \"testClock\": \"clk_none\"}"},
      {
        "billing.gstin", "{\"name\": \"X\", \"currency\": \"INR\", \"billing\": {\"gstin\": \"1\"}}"
      },
      {
        "billing.country",
        "{\"name\": \"X\", \"currency\": \"INR\", \"billing\": {\"country\": \"India\"}}"
      },
      {
        "billing.emial",
        "{\"name\": \"X\", \"currency\": \"INR\", \"billing\": {\"emial\": \"a@b\"}}"
      },
    };
    for (String[] pair : wrong) {
      Answer answer = api.as("operator").post("/api/billing/tenants", pair[1]);
      assertThat(answer.status()).as(answer.text()).isEqualTo(422);
      assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo(pair[0]);
    }
  }

  @Test
  void replace_byWhatWasRead_isTaken() {
    create("read-back");
    String path = "/api/billing/tenants/read-back";
    JsonNode read = api.as("viewer").get(path).json();
    String body =
        "{\"name\": \"New\", \"zone\": %s, \"currency\": %s, \"billing\": %s}"
            .formatted(read.path("zone"), read.path("currency"), read.path("billing"));
    Answer put = api.as("operator").put(path, body, "If-Match", "\"1\"");
    assertThat(put.status()).as(put.text()).isEqualTo(200);
    assertThat(put.json().path("billing")).isEqualTo(read.path("billing"));
    assertThat(api.as("operator").put(path, "", "If-Match", "\"2\"").status()).isEqualTo(400);
  }

  @Test
  void replace_needsThePresentVersionAndKeepsTheCurrency() {
    create("changing");
    String path = "/api/billing/tenants/changing";
    Answer changed = api.as("operator").put(path, "{\"name\": \"New\"}", "If-Match", "\"1\"");
    assertThat(changed.header("ETag")).isEqualTo("\"2\"");
    assertThat(changed.json().path("name").asText()).isEqualTo("New");
    assertThat(api.as("operator").put(path, "{\"name\": \"Old\"}", "If-Match", "\"1\"").status())
        .isEqualTo(412);
    assertThat(
            api.as("operator")
                .put(path, "{\"name\": \"N\", \"currency\": \"USD\"}", "If-Match", "\"2\"")
                .status())
        .isEqualTo(422);
  }

  @Test
  void key_isShownOnceFoundByHashAndRevocable() {
    create("keyed");
    Answer made =
        api.as("operator").post("/api/billing/tenants/keyed/keys", "{\"name\": \"live\"}");
    String secret = made.json().path("secret").asText();
    assertThat(secret).matches("tgk_[A-Za-z0-9_-]{43}");
    String sha256 = Hashes.sha256(secret);
    Optional<String> owner = DB.db().inTransaction(tx -> tenants.tenantOfKey(tx, sha256));
    assertThat(owner).contains("keyed");
    assertThat(api.as("viewer").get("/api/billing/tenants/keyed/keys").text())
        .contains("live")
        .doesNotContain(secret)
        .doesNotContain(sha256);

    String id = made.json().at("/key/id").asText();
    assertThat(api.as("operator").delete("/api/billing/tenants/keyed/keys/" + id).status())
        .isEqualTo(204);
    Optional<String> after = DB.db().inTransaction(tx -> tenants.tenantOfKey(tx, sha256));
    assertThat(after).isEmpty();
    outbox.drain();
    assertThat(EVENTS)
        .containsSubsequence(
            "keyed tenant.created", "keyed tenant.keys-changed", "keyed tenant.keys-changed");
  }

  @Test
  void archive_revokesKeysAndWaitsForLaterRooms() {
    create("gone");
    String secret =
        api.as("operator")
            .post("/api/billing/tenants/gone/keys", "{}")
            .json()
            .path("secret")
            .asText();
    assertThat(api.as("operator").delete("/api/billing/tenants/gone").status()).isEqualTo(204);
    Optional<String> owner =
        DB.db().inTransaction(tx -> tenants.tenantOfKey(tx, Hashes.sha256(secret)));
    assertThat(owner).isEmpty();
    assertThat(api.as("operator").post("/api/billing/tenants/gone/keys", "{}").status())
        .isEqualTo(409);

    create("busy");
    Answer refused = api.as("operator").delete("/api/billing/tenants/busy");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().path("detail").asText()).contains("it subscribes");
  }

  @Test
  void testClock_isTheTenantsTime() {
    Answer clock =
        api.as("operator").post("/api/billing/test-clocks", "{\"now\": \"2026-01-31T00:00:00Z\"}");
    String id = clock.json().path("id").asText();
    api.as("operator")
        .post(
            "/api/billing/tenants",
            "{\"id\": \"frozen\", \"name\": \"F\", \"currency\": \"INR\", \"testClock\": \""
                + id
                + "\"}");
    Instant now = DB.db().inTransaction(tx -> new TenantClocks(CLOCK).now(tx, "frozen"));
    assertThat(now).isEqualTo(Instant.parse("2026-01-31T00:00:00Z"));
    create("live");
    TestApi.Caller operator = api.as("operator");
    String body = "{\"name\": \"L\", \"testClock\": \"" + id + "\"}";
    assertThat(operator.put("/api/billing/tenants/live", body, "If-Match", "\"1\"").status())
        .isEqualTo(409);
    assertThat(operator.put("/api/billing/tenants/frozen", body, "If-Match", "\"1\"").status())
        .isEqualTo(200);
  }

  @Test
  void tenant_managesItsOwnKeysOnly() {
    create("mine");
    create("theirs");
    TestApi.Caller mine = api.asTenant("mine");
    assertThat(mine.post("/api/billing/tenants/mine/keys", "{}").status()).isEqualTo(201);
    assertThat(mine.post("/api/billing/tenants/theirs/keys", "{}").status()).isEqualTo(404);
    assertThat(mine.get("/api/billing/tenants").json().path("items")).hasSize(1);
    assertThat(mine.get("/api/billing/audit").text()).contains("mine").doesNotContain("theirs");
  }
}
