package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Wallets over HTTP, on all rooms as they are put together. */
class WalletApiTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String CATALOG =
      """
      catalog: wallets
      meters: {sms: {title: SMS, unit: message}, traffic: {title: Traffic, unit: GB, decimals: 2}}
      plans: {basic: {title: Basic, prices: {INR: {monthly: 100}}}}
      """;
  private static final List<Event> LOW = new ArrayList<>();

  private static Rooms rooms;
  private static TestApi api;

  @BeforeAll
  static void start() {
    rooms =
        Rooms.furnish(
            OpenApiTest.settings(), DB.db(), InstantSource.system(), new CollectorRegistry());
    rooms
        .outbox()
        .subscribe("test", "wallet.low-balance"::equals, (tx, events) -> LOW.addAll(events));
    Room[] all = rooms.all().stream().filter(room -> room != rooms.tokens()).toArray(Room[]::new);
    api = TestApi.start(DB, InstantSource.system(), all);
    DB.db()
        .inTransaction(tx -> rooms.the(Catalogs.class).apply(tx, "test", "wallets.yaml", CATALOG));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static void tenant(String id) {
    created(
        "/api/billing/tenants",
        "{\"id\": \"%s\", \"name\": \"%s\", \"currency\": \"INR\"}".formatted(id, id));
    created(
        "/api/billing/subscriptions", "{\"tenant\": \"%s\", \"plan\": \"basic\"}".formatted(id));
  }

  private static JsonNode created(String path, String body) {
    Answer answer = api.as("admin").post(path, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json();
  }

  private static String wallet(String tenant, String rest) {
    return created("/api/billing/wallets", "{\"tenant\": \"" + tenant + "\", " + rest + "}")
        .path("id")
        .asText();
  }

  @Test
  void grant_isInTheBalanceAndInALedgerNobodyCanChange() {
    tenant("w-ledger");
    String id = wallet("w-ledger", "\"currency\": \"INR\"");
    JsonNode after = created("/api/billing/wallets/" + id + "/grants", "{\"amount\": \"250.50\"}");
    assertThat(after.path("balance").asText()).isEqualTo("250.50");
    JsonNode ledger = api.as("viewer").get("/api/billing/wallets/" + id + "/ledger").json();
    assertThat(ledger.path("items").get(0).path("debited").asText()).isEqualTo("funding");
    assertThat(ledger.path("items").get(0).path("credited").asText()).isEqualTo("credits");
    for (String change :
        List.of("UPDATE wallet_transfers SET amount = 1", "DELETE FROM wallet_transfers")) {
      assertThatThrownBy(() -> DB.db().inTransaction(tx -> tx.execute(change)))
          .hasMessageContaining("only added to");
    }
  }

  @Test
  void grant_ofAPartOfAWholeUnit_is422() {
    tenant("w-parts");
    String id = wallet("w-parts", "\"meter\": \"sms\"");
    String grants = "/api/billing/wallets/" + id + "/grants";
    Answer refused = api.as("admin").post(grants, "{\"amount\": \"1.5\"}");
    assertThat(refused.status()).as(refused.text()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/field").asText()).isEqualTo("amount");
    String balance = created(grants, "{\"amount\": \"2.0\"}").path("balance").asText();
    assertThat(new BigDecimal(balance)).isEqualByComparingTo("2");
    String traffic = wallet("w-parts", "\"meter\": \"traffic\"");
    created("/api/billing/wallets/" + traffic + "/grants", "{\"amount\": \"1.25\"}");
  }

  @Test
  void wallet_ofAnotherTenant_isNotSeen() {
    tenant("w-victim");
    tenant("w-intruder");
    String id = wallet("w-victim", "\"currency\": \"INR\"");
    created("/api/billing/wallets/" + id + "/grants", "{\"amount\": 10}");
    TestApi.Caller intruder = api.asTenant("w-intruder");
    assertThat(intruder.get("/api/billing/wallets/" + id).status()).isEqualTo(404);
    assertThat(intruder.get("/api/billing/wallets/" + id + "/ledger").status()).isEqualTo(404);
    assertThat(intruder.get("/api/billing/wallets").json().path("items")).isEmpty();
    assertThat(api.asTenant("w-victim").get("/api/billing/wallets").json().path("items"))
        .hasSize(1);
  }

  @Test
  void lowBalance_isToldOncePerCrossing() {
    tenant("w-low");
    String id = wallet("w-low", "\"meter\": \"sms\", \"alertBelow\": 100");
    LOW.clear();
    created("/api/billing/wallets/" + id + "/grants", "{\"amount\": 150}");
    use("w-low", 40); // 110 left
    use("w-low", 20); // 90: told
    use("w-low", 20); // 70: not again
    created("/api/billing/wallets/" + id + "/grants", "{\"amount\": 100}"); // 170
    use("w-low", 100); // 70: told again
    rooms.outbox().drain();
    assertThat(LOW).extracting(Event::subject).containsExactly(id, id);
    assertThat(api.as("viewer").get("/api/billing/wallets/" + id).json().path("balance").asText())
        .isEqualTo("70");
  }

  @Test
  void usageTakenBack_returnsUnits() {
    tenant("w-back");
    String id = wallet("w-back", "\"meter\": \"sms\"");
    created("/api/billing/wallets/" + id + "/grants", "{\"amount\": 50}");
    use("w-back", 80);
    use("w-back", -60);
    JsonNode wallet = api.as("viewer").get("/api/billing/wallets/" + id).json();
    assertThat(new BigDecimal(wallet.path("balance").asText())).isEqualByComparingTo("30");
    assertThat(new BigDecimal(wallet.path("drawn").asText())).isEqualByComparingTo("20");
  }

  @Test
  void topUp_waitsForItsInvoice() {
    tenant("w-top");
    String id = wallet("w-top", "\"currency\": \"INR\"");
    JsonNode topUp = created("/api/billing/wallets/" + id + "/top-ups", "{\"amount\": \"500.00\"}");
    String invoice = topUp.path("invoice").asText();
    assertThat(topUp.path("state").asText()).isEqualTo("PENDING");
    created(
        "/api/billing/invoices/" + invoice + "/payments",
        "{\"amount\": {\"amount\": \"500.00\", \"currency\": \"INR\"}, \"reference\": \"t1\"}");
    assertThat(api.as("viewer").get("/api/billing/wallets/" + id).json().path("balance").asText())
        .isEqualTo("500.00");
  }

  @Test
  void wrongRequests_nameTheField() {
    tenant("w-wrong");
    String id = wallet("w-wrong", "\"currency\": \"INR\"");
    refused("/api/billing/wallets/" + id + "/grants", "{\"amount\": \"0.001\"}", "amount");
    for (String way : List.of("/grants", "/top-ups")) {
      refused(
          "/api/billing/wallets/" + id + way,
          "{\"amount\": 1, \"expiresAt\": \"2020-01-01T00:00:00Z\"}",
          "expiresAt");
    }
    refused("/api/billing/wallets", "{\"tenant\": \"w-wrong\"}", "currency");
    refused(
        "/api/billing/wallets",
        "{\"tenant\": \"w-wrong\", \"meter\": \"sms\", \"topUp\": {\"below\": 5, \"addOn\":"
            + " \"x\"}}",
        "topUp.addOn");
  }

  private static void refused(String path, String body, String field) {
    Answer answer = api.as("admin").post(path, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.text()).contains("\"field\":\"" + field + "\"");
  }

  private static void use(String tenant, long units) {
    DB.db()
        .inTransaction(
            tx ->
                rooms
                    .the(Usage.class)
                    .record(tx, List.of(new UsageEvent(tenant, "sms", units, null, null))));
  }
}
