package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.Period;
import io.tollgate.contract.QuotaAlert;
import io.tollgate.contract.QuotaAlertReceipt;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Quotas as document 001 asks for them, as proxies take blocks of them, and their alerts. */
class QuotaChecksTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Queue<Event> ALERTED = new ConcurrentLinkedQueue<>();

  private static TestHouse house;

  @BeforeAll
  static void start() {
    house = new TestHouse(DB);
    house.outbox.subscribe(
        "test", kind -> kind.startsWith("quota."), (tx, events) -> ALERTED.addAll(events));
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @Test
  void quota_rightAfterAStart_isThereThoughNobodyHasTakenTheEventYet() {
    String tenant = house.tenant(null);
    assertThat(check(tenant, "events").status()).as("no subscription yet").isEqualTo(404);
    String subscription = house.subscribe(tenant, "starter", Map.of());
    assertThat(quota(tenant, "events").path("isAllowed").asBoolean()).isTrue();
    assertThat(house.seen(tenant).plan()).isEqualTo("starter");
    String own = "/api/billing/quota?key=events";
    assertThat(house.api.asTenant(tenant).get(own).json().path("limit").asInt()).isEqualTo(3);
    String change = "/api/billing/subscriptions/" + subscription + "/pause";
    assertThat(house.api.as("operator").post(change, "{}").status()).isEqualTo(200);
    assertThat(quota(tenant, "events").path("isAllowed").asBoolean()).isFalse();
  }

  @Test
  void quota_ofABlockedTenant_isRefusedWithTheReasonAndNeverUnknown() {
    Instant start = Instant.parse("2026-03-01T00:00:00Z");
    String tenant = house.tenant(start);
    String subscription = house.subscribe(tenant, "starter", Map.of());
    String invoice = house.invoice(tenant, subscription, "999.00");
    house.advance(tenant, start.plus(25, ChronoUnit.DAYS));
    assertThat(house.seen(tenant).quotas()).as("proxies are told of none").isEmpty();
    JsonNode events = assertRefused(tenant, "overdue");
    assertThat(events.path("limit").asInt()).isEqualTo(3);
    assertThat(quota(tenant, "donation-causes").path("isAllowed").asBoolean()).isFalse();
    assertThat(check(tenant, "nope").status()).isEqualTo(404);
    house.api.as("operator").post("/api/billing/invoices/" + invoice + "/payments", "");
    assertThat(quota(tenant, "events").path("isAllowed").asBoolean()).isTrue();
    String path = "/api/billing/subscriptions/" + subscription;
    assertThat(house.api.as("operator").post(path + "/pause", "{}").status()).isEqualTo(200);
    assertRefused(tenant, "paused");
    assertThat(house.api.as("operator").post(path + "/cancel", "{\"when\": \"now\"}").status())
        .isEqualTo(200);
    assertRefused(tenant, "cancelled");
  }

  private static JsonNode assertRefused(String tenant, String why) {
    JsonNode events = quota(tenant, "events");
    assertThat(events.path("isAllowed").isBoolean()).as(events.toString()).isTrue();
    assertThat(events.path("isAllowed").asBoolean()).isFalse();
    assertThat(events.path("reason").asText()).contains(why);
    return events;
  }

  @Test
  void quota_ofDocument001_tellsWhatIsLeft() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "starter", Map.of());
    JsonNode events = quota(tenant, "events");
    assertThat(events.path("isAllowed").asBoolean()).isTrue();
    assertThat(events.path("limit").asLong()).isEqualTo(3);
    assertThat(events.path("used").asLong()).isZero();
    assertThat(events.path("remaining").asLong()).isEqualTo(3);
    assertThat(events.path("behavior").asText()).isEqualTo("DENY");
    assertThat(quota(tenant, "donation-causes").path("limit").asLong()).isEqualTo(5);
    assertThat(quota(tenant, "cow-adoption").path("isAllowed").asBoolean()).isFalse();
    assertThat(check(tenant, "nope").status()).isEqualTo(404);
  }

  @Test
  void quotaPastItsAmount_isAllowedByBufferGraceAndShadow() {
    String catalog =
        """
        catalog: lenient
        meters: {sms: {title: SMS}}
        plans:
          p:
            prices: {INR: {monthly: 100}}
            limits:
              hard: {kind: quota, meter: sms, amount: 100, window: lifetime}
              soft: {kind: quota, meter: sms, amount: 100, window: lifetime,
                     over: {behavior: deny, buffer-percent: 5}}
              late: {kind: quota, meter: sms, amount: 100, window: lifetime,
                     over: {behavior: deny, grace-days: 7}}
              quiet: {kind: quota, meter: sms, amount: 100, window: lifetime, shadow: true}
        """;
    DB.db().inTransaction(tx -> house.catalogs.apply(tx, "test", "lenient.yaml", catalog));
    String tenant = house.tenant(null);
    house.subscribe(tenant, "lenient", "p", Map.of());
    house.outbox.drain();
    assertThat(isAllowed(tenant, "hard", 100)).isTrue();
    assertThat(isAllowed(tenant, "hard", 101)).isFalse();
    assertThat(isAllowed(tenant, "soft", 105)).isTrue();
    assertThat(isAllowed(tenant, "soft", 106)).isFalse();
    assertThat(isAllowed(tenant, "late", 1_000)).isTrue();
    assertThat(isAllowed(tenant, "quiet", 1_000)).isTrue();
  }

  private static boolean isAllowed(String tenant, String key, long units) {
    return quota(tenant, key + "&units=" + units).path("isAllowed").asBoolean();
  }

  @Test
  void blocks_overHttp_areExactAndIdempotent() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    Instant window =
        house.seen(tenant).quotas().stream()
            .filter(quota -> quota.name().equals("api-calls"))
            .map(quota -> quota.window())
            .findFirst()
            .orElseThrow()
            .at(house.wall.instant())
            .start()
            // As a proxy asks, which counts windows by the millisecond.
            .truncatedTo(ChronoUnit.MILLIS);
    String body =
        ContractJson.write(
            new QuotaBlockRequest(
                1, "c:" + tenant, "c", tenant, "api-calls", "", window, 12_000, 0));
    for (int i = 0; i < 2; i++) {
      Answer answer = house.api.as("proxy").post("/api/proxy/blocks", body);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(ContractJson.stored(answer.text(), QuotaBlock.class))
          .isEqualTo(new QuotaBlock(1, "c:" + tenant, 10_000, 10_000, 10_000));
    }
    assertThat(house.api.as("proxy").post("/api/proxy/blocks", "{}").status()).isEqualTo(400);
    assertThat(
            house
                .api
                .as("proxy")
                .post("/api/proxy/blocks", body.replace("api-calls", "nope"))
                .status())
        .isEqualTo(404);
  }

  @Test
  void unitsPaidAheadAndUsed_areGoneInTheNextWindow_whileTheirUsageIsStillToCome() {
    Instant start = Instant.parse("2026-03-01T00:00:00Z");
    String tenant = house.tenant(start);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    QuotaLimit before = apiCalls(house.seen(tenant));
    Deposit grant =
        new Deposit(
            BigDecimal.valueOf(500), Deposit.USUAL, null, Credit.Source.GRANT, "grant:" + tenant);
    Asset units = new Asset.Units(before.meter());
    DB.db().inTransaction(tx -> house.wallets.deposit(tx, "test", tenant, units, grant));
    house.outbox.drain();
    Period first = Objects.requireNonNull(before.window()).at(start);
    assertThat(block(tenant, first.start(), before.amount() + 300))
        .isEqualTo(before.amount() + 300);
    house.advance(tenant, first.end());
    assertThat(apiCalls(house.seen(tenant)).amount()).isEqualTo(before.amount() + 200);
    assertThat(block(tenant, first.end(), before.amount() + 500)).isEqualTo(before.amount() + 200);
  }

  private static long block(String tenant, Instant window, long units) {
    String body =
        ContractJson.write(
            new QuotaBlockRequest(
                1, "c:" + tenant + ":" + window, "c", tenant, "api-calls", "", window, units, 0));
    Answer answer = house.api.as("proxy").post("/api/proxy/blocks", body);
    return ContractJson.stored(answer.text(), QuotaBlock.class).granted();
  }

  private static QuotaLimit apiCalls(Entitlements document) {
    return document.quotas().stream()
        .filter(quota -> quota.name().equals("api-calls"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void alerts_toldByManyProxiesAtOnce_areOneEventEach() throws Exception {
    String tenant = house.tenant(null);
    Instant window = Instant.parse("2026-03-01T00:00:00Z");
    List<QuotaAlert> alerts =
        List.of(
            new QuotaAlert(tenant, "m", "", window, QuotaAlert.Kind.THRESHOLD, 80, 80, 100),
            new QuotaAlert(tenant, "m", "", window, QuotaAlert.Kind.THRESHOLD, 100, 100, 100),
            new QuotaAlert(tenant, "m", "", window, QuotaAlert.Kind.OVER, 100, 101, 100),
            new QuotaAlert(tenant, "life", "", null, QuotaAlert.Kind.THRESHOLD, 80, 8, 10),
            new QuotaAlert("nobody", "m", "", window, QuotaAlert.Kind.OVER, 100, 101, 100));
    AtomicInteger fresh = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int proxy = 0; proxy < 8; proxy++) {
        String body = ContractJson.write(new QuotaAlerts(1, "edge-" + proxy, alerts));
        threads.execute(
            () -> {
              Answer answer = house.api.as("proxy").post("/api/proxy/alerts", body);
              QuotaAlertReceipt receipt =
                  ContractJson.stored(answer.text(), QuotaAlertReceipt.class);
              assertThat(receipt.fresh() + receipt.known()).isEqualTo(4);
              assertThat(receipt.refused()).isEqualTo(1);
              fresh.addAndGet(receipt.fresh());
            });
      }
    }
    assertThat(fresh).hasValue(4);
    house.outbox.drain();
    assertThat(ALERTED.stream().filter(event -> event.tenant().equals(tenant)).map(Event::kind))
        .containsExactlyInAnyOrder(
            "quota.threshold", "quota.threshold", "quota.threshold", "quota.over");
    String path = "/api/billing/tenants/" + tenant + "/alerts";
    JsonNode first = house.api.as("viewer").get(path + "?limit=3").json();
    assertThat(first.path("items")).hasSize(3);
    JsonNode rest =
        house.api.as("viewer").get(path + "?limit=3&cursor=" + first.path("next").asText()).json();
    assertThat(rest.path("items")).hasSize(1);
    Set<String> seen = new HashSet<>();
    first.path("items").forEach(alert -> seen.add(alert.path("id").asText()));
    rest.path("items").forEach(alert -> seen.add(alert.path("id").asText()));
    assertThat(seen).hasSize(4);
    assertThat(house.api.as("proxy").post("/api/proxy/alerts", "{}").status()).isEqualTo(400);
  }

  @Test
  void alert_ofAQuotaThatWasRaisedInItsWindow_isNoneMore() {
    String tenant = house.tenant(null);
    Instant window = Instant.parse("2026-03-01T00:00:00Z");
    List<QuotaAlert> told =
        List.of(
            new QuotaAlert(tenant, "m", "", window, QuotaAlert.Kind.THRESHOLD, 80, 80, 100),
            new QuotaAlert(tenant, "m", "", window, QuotaAlert.Kind.THRESHOLD, 80, 160, 200));
    assertThat(fresh(told)).isEqualTo(1);
    assertThat(fresh(told.subList(1, 2))).as("from another proxy, later").isZero();
    Instant next = Instant.parse("2026-04-01T00:00:00Z");
    assertThat(
            fresh(
                List.of(
                    new QuotaAlert(
                        tenant, "m", "", next, QuotaAlert.Kind.THRESHOLD, 80, 160, 200))))
        .isEqualTo(1);
  }

  private static int fresh(List<QuotaAlert> told) {
    String body = ContractJson.write(new QuotaAlerts(1, "edge", told));
    Answer answer = house.api.as("proxy").post("/api/proxy/alerts", body);
    return ContractJson.stored(answer.text(), QuotaAlertReceipt.class).fresh();
  }

  private static JsonNode quota(String tenant, String key) {
    return check(tenant, key).json();
  }

  private static Answer check(String tenant, String key) {
    return house.api.as("viewer").get("/api/billing/quota?tenant=" + tenant + "&key=" + key);
  }
}
