package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.Period;
import io.tollgate.contract.QuotaAlert;
import io.tollgate.contract.QuotaAlertReceipt;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.web.Hashes;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
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

/** The wire between proxies and the control plane, over a real port. */
class ChangeStreamTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Queue<Event> ALERTED = new ConcurrentLinkedQueue<>();

  private static TestHouse house;

  @BeforeAll
  static void start() {
    house = new TestHouse(DB);
    house.outbox.subscribe(
        "test", kind -> kind.startsWith("quota."), (tx, events) -> ALERTED.addAll(events));
    house.outbox.start();
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @Test
  void change_committed_reachesAProxyWithinASecond() throws Exception {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "standard", Map.of());
    house.outbox.drain();
    String overrides = "/api/billing/tenants/" + tenant + "/overrides";
    try (SseClient proxy = new SseClient(house.api.base() + "/api/proxy/changes", "proxy")) {
      proxy.next("position");
      List<Long> took = new ArrayList<>();
      for (int i = 1; i <= 20; i++) {
        long begun = System.nanoTime();
        Answer made =
            house
                .api
                .as("operator")
                .post(
                    overrides,
                    "{\"kind\": \"limit\", \"key\": \"api-rate\", \"amount\": %d, \"reason\": \"t\"}"
                        .formatted(1000 + i));
        assertThat(made.status()).isEqualTo(201);
        SseClient.Event event = next(proxy, tenant, 1000 + i);
        took.add(event.arrivedNanos() - begun);
      }
      assertMedianWithinASecond(took);
    }
  }

  /** Half of them: a machine that stands still for a moment says nothing of the stream. */
  private static void assertMedianWithinASecond(List<Long> nanos) {
    Collections.sort(nanos);
    assertThat(Duration.ofNanos(nanos.get(nanos.size() / 2))).isLessThan(Duration.ofSeconds(1));
  }

  private static SseClient.Event next(SseClient proxy, String tenant, long amount)
      throws InterruptedException {
    while (true) {
      SseClient.Event event = proxy.next("change");
      EntitlementsChange change = ContractJson.stored(event.data(), EntitlementsChange.class);
      assertThat(event.id()).isEqualTo(Long.toString(change.sequence()));
      boolean wanted =
          change.entitlements().tenant().equals(tenant)
              && change.entitlements().rates().stream().anyMatch(rate -> rate.amount() == amount);
      if (wanted) {
        return event;
      }
    }
  }

  @Test
  void stream_resumedAfterASequence_bringsEachTenantsNewest() throws Exception {
    String tenant = house.tenant(null);
    long before;
    try (SseClient proxy = new SseClient(house.api.base() + "/api/proxy/changes", "proxy")) {
      before = sequence(proxy.next("position"));
    }
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    try (SseClient proxy =
        new SseClient(house.api.base() + "/api/proxy/changes?after=" + before, "proxy")) {
      assertThat(sequence(proxy.next("position"))).isGreaterThan(before);
      Entitlements newest = null;
      while (newest == null || !newest.plan().equals("starter")) {
        newest =
            ContractJson.stored(proxy.next("change").data(), EntitlementsChange.class)
                .entitlements();
      }
      assertThat(newest.tenant()).isEqualTo(tenant);
    }
  }

  @Test
  void stream_positionNeverReached_isReset() throws Exception {
    try (SseClient proxy =
        new SseClient(house.api.base() + "/api/proxy/changes?after=999999999", "proxy")) {
      assertThat(sequence(proxy.next("position"))).isLessThan(999_999_999);
      proxy.next("reset");
    }
  }

  @Test
  void stream_quiet_keepsItselfAlive() throws Exception {
    try (SseClient proxy = new SseClient(house.api.base() + "/api/proxy/changes", "proxy")) {
      proxy.next("position");
      assertThat(proxy.next("comment").data()).isEqualTo("alive");
    }
  }

  @Test
  void key_madeAndRevoked_isFoundAndThenNot() {
    String tenant = house.tenant(null);
    var made = DB.db().inTransaction(tx -> house.tenants.makeKey(tx, "test", tenant, "server"));
    String sha256 = Hashes.sha256(made.secret());
    Entitlements found =
        ContractJson.stored(
            house.api.as("proxy").get("/api/proxy/keys/" + sha256).text(), Entitlements.class);
    assertThat(found.tenant()).isEqualTo(tenant);
    assertThat(found.keys()).extracting("sha256").containsExactly(sha256);
    DB.db()
        .inTransaction(
            tx -> {
              house.tenants.revokeKey(tx, "test", tenant, made.key().id());
              return true;
            });
    assertThat(house.api.as("proxy").get("/api/proxy/keys/" + sha256).status()).isEqualTo(404);
    house.outbox.drain();
    assertThat(seen(tenant).keys()).isEmpty();
  }

  @Test
  void proxyRoutes_otherRoles_areForbidden() {
    String tenant = house.tenant(null);
    for (String role : List.of("admin", "operator", "viewer")) {
      assertThat(house.api.as(role).get("/api/proxy/tenants/" + tenant).status()).isEqualTo(403);
    }
    assertThat(house.api.as("proxy").get("/api/proxy/tenants/nobody").status()).isEqualTo(404);
    assertThat(house.api.as("proxy").get("/api/billing/payments").status()).isEqualTo(403);
  }

  @Test
  void version_nothingChanged_staysTheSame() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "standard", Map.of());
    house.outbox.drain();
    long version = seen(tenant).version();
    DB.db()
        .inTransaction(
            tx -> {
              house.directory.refresh(tx, List.of(tenant));
              return true;
            });
    assertThat(seen(tenant).version()).isEqualTo(version);
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

  @Test
  void quota_ofDocument001_tellsWhatIsLeft() {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    JsonNode events = quota(tenant, "events");
    assertThat(events.path("isAllowed").asBoolean()).isTrue();
    assertThat(events.path("limit").asLong()).isEqualTo(3);
    assertThat(events.path("used").asLong()).isZero();
    assertThat(events.path("remaining").asLong()).isEqualTo(3);
    assertThat(events.path("behavior").asText()).isEqualTo("DENY");
    assertThat(quota(tenant, "donation-causes").path("limit").asLong()).isEqualTo(5);
    assertThat(quota(tenant, "cow-adoption").path("isAllowed").asBoolean()).isFalse();
    assertThat(
            house
                .api
                .as("viewer")
                .get("/api/billing/quota?tenant=" + tenant + "&key=nope")
                .status())
        .isEqualTo(404);
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
        seen(tenant).quotas().stream()
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
  void walletFilled_raisesTheMetersQuota_andReachesAProxyWithinASecond() throws Exception {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    QuotaLimit before = apiCalls(seen(tenant));
    Asset units = new Asset.Units(before.meter());
    try (SseClient proxy = new SseClient(house.api.base() + "/api/proxy/changes", "proxy")) {
      proxy.next("position");
      List<Long> took = new ArrayList<>();
      for (int i = 1; i <= 10; i++) {
        Deposit grant =
            new Deposit(
                BigDecimal.valueOf(500),
                Deposit.USUAL,
                null,
                Credit.Source.GRANT,
                "grant:" + tenant + i);
        long begun = System.nanoTime();
        DB.db().inTransaction(tx -> house.wallets.deposit(tx, "test", tenant, units, grant));
        long raised = before.amount() + 500L * i;
        SseClient.Event event = nextWith(proxy, tenant, raised);
        took.add(event.arrivedNanos() - begun);
      }
      assertMedianWithinASecond(took);
    }
    assertThat(seen(tenant).stepsOf(before.name()))
        .extracting(LimitOrigin.Step::origin)
        .containsExactly("plan:starter", "wallet:" + before.meter());
  }

  @Test
  void unitsPaidAheadAndUsed_areGoneInTheNextWindow_whileTheirUsageIsStillToCome() {
    Instant start = Instant.parse("2026-03-01T00:00:00Z");
    String tenant = house.tenant(start);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    QuotaLimit before = apiCalls(seen(tenant));
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
    assertThat(apiCalls(seen(tenant)).amount()).isEqualTo(before.amount() + 200);
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

  private static SseClient.Event nextWith(SseClient proxy, String tenant, long quota)
      throws InterruptedException {
    while (true) {
      SseClient.Event event = proxy.next("change");
      Entitlements told =
          ContractJson.stored(event.data(), EntitlementsChange.class).entitlements();
      if (told.tenant().equals(tenant) && apiCalls(told).amount() == quota) {
        return event;
      }
    }
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
    return house.api.as("viewer").get("/api/billing/quota?tenant=" + tenant + "&key=" + key).json();
  }

  private static RateLimit rate(String tenant) {
    return seen(tenant).rates().stream()
        .filter(rate -> rate.name().equals("api-rate"))
        .findFirst()
        .orElseThrow();
  }

  private static Entitlements seen(String tenant) {
    return ContractJson.stored(
        house.api.as("proxy").get("/api/proxy/tenants/" + tenant).text(), Entitlements.class);
  }

  private static long sequence(SseClient.Event position) {
    return Long.parseLong(position.data().replaceAll("\\D", ""));
  }
}
