package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.web.Hashes;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The wire between proxies and the control plane, over a real port. */
class ChangeStreamTest {
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
    assertThat(house.seen(tenant).keys()).isEmpty();
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
    long version = house.seen(tenant).version();
    DB.db()
        .inTransaction(
            tx -> {
              house.directory.refresh(tx, List.of(tenant));
              return true;
            });
    assertThat(house.seen(tenant).version()).isEqualTo(version);
  }

  @Test
  void walletFilled_raisesTheMetersQuota_andReachesAProxyWithinASecond() throws Exception {
    String tenant = house.tenant(null);
    house.subscribe(tenant, "starter", Map.of());
    house.outbox.drain();
    QuotaLimit before = apiCalls(house.seen(tenant));
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
    assertThat(house.seen(tenant).stepsOf(before.name()))
        .extracting(LimitOrigin.Step::origin)
        .containsExactly("plan:starter", "wallet:" + before.meter());
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

  private static long sequence(SseClient.Event position) {
    return Long.parseLong(position.data().replaceAll("\\D", ""));
  }
}
