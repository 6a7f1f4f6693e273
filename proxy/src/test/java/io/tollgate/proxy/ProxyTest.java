package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.LimitOrigin.Effect;
import io.tollgate.contract.LimitOrigin.Step;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole proxy, composed as it ships, between a real origin and a control plane's wire. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class ProxyTest {
  /** A window that does not end while a test runs. */
  static final Recurrence YEARS =
      new Recurrence(
          Instant.parse("2026-01-01T00:00:00Z"), Recurrence.Unit.YEAR, 100, ZoneOffset.UTC);

  @TempDir static Path data;

  /** Calls of a tenant whose calls are scarce. */
  private static final int FEW = 20;

  private static FakeControlPlane controlPlane;
  private static Origin origin;
  private static Proxy proxy;
  private static String settings;

  @BeforeAll
  static void start() throws Exception {
    controlPlane = new FakeControlPlane();
    origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    int cluster;
    try (ServerSocket free = new ServerSocket(0)) {
      cluster = free.getLocalPort();
    }
    settings =
        """
        node: test
        data: "%s"
        listener: {host: 127.0.0.1, port: 0}
        admin: {port: 0}
        letterbox: {port: 0}
        cluster: {name: "proxy-test", port: %d}
        control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s, ship: 200ms}
        limits: {answer-within: 10s}
        upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
        engine: {transports: [nio], drain: 2s}
        routes:
          - {name: export, match: {path: /export}, feature: export, meters: {calls: 1, exports: 3}}
          - {name: rest}
        """
            .formatted(data, cluster, controlPlane.port(), origin.port());
    proxy = Proxy.start(ProxyFile.parse("test", settings, Map.of("TOKEN", FakeControlPlane.TOKEN)));
    await(() -> proxy.entitlements().status().connected());
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.stop();
    origin.close();
    controlPlane.close();
  }

  @Test
  void knownKey_isForwardedWithItsTenantAndCounted() throws Exception {
    controlPlane.put(tenant("acme", "acme-key", Access.FULL, 1, List.of()));
    String answer = call("GET /a", "X-Api-Key: acme-key\r\nX-Tollgate-Tenant: forged\r\n");
    assertThat(answer)
        .startsWith("HTTP/1.1 200 OK")
        .contains("RateLimit-Policy: ", "RateLimit: \"burst\";r=", "\"month\";r=999");
    assertThat(origin.heads())
        .anySatisfy(
            head ->
                assertThat(head)
                    .startsWith("GET /a ")
                    .contains(
                        "X-Tollgate-Tenant: acme", "X-Tollgate-Plan: pro", "X-Tollgate-Key: k-acme")
                    .doesNotContain("acme-key", "forged"));
    await(() -> controlPlane.used("acme", "calls") == 1);
  }

  @Test
  void callsOfOneKey_onRoutesInTurn_areToldAndCountedByWhatHoldsNow() throws Exception {
    FeatureGrant export = new FeatureGrant("export", true, null, null, "plan:pro");
    controlPlane.put(tenant("turns", "turns-key", Access.FULL, 1, List.of(export)));
    for (int i = 0; i < 4; i++) {
      assertThat(status("GET /turn" + i, "X-Api-Key: turns-key\r\n")).isEqualTo("200");
      assertThat(status("GET /export", "X-Api-Key: turns-key\r\n")).isEqualTo("200");
    }
    await(() -> controlPlane.used("turns", "exports") == 12);
    await(() -> controlPlane.used("turns", "calls") == 8);
    Entitlements later = onPlan("gold", tenant("turns", "turns-key", Access.FULL, 2, List.of()));
    controlPlane.put(later);
    await(() -> status("GET /export", "X-Api-Key: turns-key\r\n").equals("403"));
    String answer = call("GET /turned", "X-Api-Key: turns-key\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200").contains("\"month\";r=");
    assertThat(origin.heads())
        .filteredOn(head -> head.startsWith("GET /turn"))
        .hasSize(5)
        .allMatch(head -> head.contains("X-Tollgate-Tenant: turns\r\n"))
        .allMatch(head -> head.contains("X-Tollgate-Key: k-turns\r\n"))
        .filteredOn(head -> head.startsWith("GET /turned"))
        .singleElement(as(STRING))
        .contains("X-Tollgate-Plan: gold\r\n")
        .doesNotContain("X-Tollgate-Plan: pro");
  }

  private static Entitlements onPlan(String plan, Entitlements state) {
    return new Entitlements(
        state.format(),
        state.tenant(),
        state.version(),
        state.asOf(),
        plan,
        state.catalog(),
        state.standing(),
        state.frozenAt(),
        state.keys(),
        state.features(),
        state.rates(),
        state.quotas(),
        state.concurrencies());
  }

  @Test
  void bearerKey_isTheSameKey_andAnotherAuthorizationIsTheOrigins() throws Exception {
    controlPlane.put(tenant("bear", "bear-key", Access.FULL, 1, List.of()));
    assertThat(call("GET /b1", "Authorization: Bearer bear-key\r\n")).startsWith("HTTP/1.1 200");
    assertThat(call("GET /b2", "X-Api-Key: bear-key\r\nAuthorization: Digest x\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(origin.heads())
        .anyMatch(head -> head.startsWith("GET /b1 ") && !head.contains("bear-key"))
        .anyMatch(head -> head.startsWith("GET /b2 ") && head.contains("Authorization: Digest x"));
  }

  @Test
  void unknownOrMissingKey_is401() throws Exception {
    assertThat(call("GET /", "X-Api-Key: nobody\r\n"))
        .startsWith("HTTP/1.1 401")
        .containsIgnoringCase("www-authenticate: ")
        .contains("application/problem+json");
    assertThat(call("GET /", "")).startsWith("HTTP/1.1 401");
  }

  @Test
  void featureNotInThePlan_is403_andGrantedItCountsItsMeters() throws Exception {
    controlPlane.put(tenant("feat", "feat-key", Access.FULL, 1, List.of()));
    String refused = call("GET /export", "X-Api-Key: feat-key\r\n");
    assertThat(refused).startsWith("HTTP/1.1 403").contains("does not have the feature 'export'");
    assertThat(explained(refused))
        .contains("\"reason\":\"FEATURE\"", "\"deciding\":\"\"", "\"limits\":[]")
        .contains(
            "\"feature\":{\"feature\":\"export\",\"enabled\":false,\"limit\":null,\"level\":null,"
                + "\"origin\":\"\",\"steps\":[]}");
    FeatureGrant export = new FeatureGrant("export", true, null, null, "addon:export");
    controlPlane.put(tenant("feat", "feat-key", Access.FULL, 2, List.of(export)));
    await(() -> status("GET /export", "X-Api-Key: feat-key\r\n").equals("200"));
    await(() -> controlPlane.used("feat", "exports") >= 3);
  }

  @Test
  void featureThatWasTaken_isExplainedStepByStep() throws Exception {
    FeatureGrant taken =
        new FeatureGrant(
            "export",
            false,
            0L,
            null,
            "override:ovr_1",
            List.of(
                new FeatureGrant.Step("plan:pro", Effect.SET, 5L, true, 5L, null),
                new FeatureGrant.Step("addon:seats", Effect.ADD, 3L, true, 8L, null),
                new FeatureGrant.Step("override:ovr_1", Effect.SET, 0L, false, 0L, null)));
    controlPlane.put(tenant("took", "took-key", Access.FULL, 1, List.of(taken)));
    String steps =
        "\"origin\":\"override:ovr_1\",\"steps\":["
            + "{\"origin\":\"plan:pro\",\"effect\":\"SET\",\"by\":5,\"enabled\":true,\"limit\":5,"
            + "\"level\":null},"
            + "{\"origin\":\"addon:seats\",\"effect\":\"ADD\",\"by\":3,\"enabled\":true,\"limit\":8,"
            + "\"level\":null},"
            + "{\"origin\":\"override:ovr_1\",\"effect\":\"SET\",\"by\":0,\"enabled\":false,"
            + "\"limit\":0,\"level\":null}]";
    String refused = call("GET /export", "X-Api-Key: took-key\r\n");
    assertThat(refused).startsWith("HTTP/1.1 403");
    assertThat(explained(refused))
        .contains("\"feature\":{\"feature\":\"export\",\"enabled\":false", steps)
        .contains("\"standing\":{\"state\":\"ACTIVE\",\"access\":\"FULL\"");
    assertThat(admin("GET /explain?tenant=took")).as("here and now").contains(steps);
  }

  /** What the operators' port says of a refusal by the id in its problem. */
  private static String explained(String refused) throws Exception {
    String id = refused.replaceAll("(?s).*\"denial\":\"([a-z0-9-]+)\".*", "$1");
    String answer = admin("GET /explain?denial=" + id);
    assertThat(answer).startsWith("HTTP/1.1 200").contains("\"id\":\"" + id + "\"");
    return answer;
  }

  @Test
  void unpaidTenant_readsOnly_thenNothing_thenAllAgain() throws Exception {
    String key = "X-Api-Key: late-key\r\n";
    controlPlane.put(tenant("late", "late-key", Access.FULL, 1, List.of()));
    assertThat(status("POST /w", key)).isEqualTo("200");
    controlPlane.put(tenant("late", "late-key", Access.READ_ONLY, 2, List.of()));
    await(() -> status("POST /w", key).equals("403"));
    assertThat(status("GET /r", key)).isEqualTo("200");
    controlPlane.put(tenant("late", "late-key", Access.NONE, 3, List.of()));
    await(() -> status("GET /r", key).equals("402"));
    controlPlane.put(tenant("late", "late-key", Access.FULL, 4, List.of()));
    await(() -> status("POST /w", key).equals("200"));
  }

  @Test
  void rateSpent_is429WithRetryAfter_andOnlyAdmittedCallsCount() throws Exception {
    controlPlane.put(scarce("busy"));
    int admitted = 0;
    String refused = "";
    for (int i = 0; i < 60; i++) {
      String answer = call("GET /", "X-Api-Key: busy-key\r\n");
      if (answer.startsWith("HTTP/1.1 200")) {
        admitted++;
      } else {
        refused = answer;
      }
    }
    assertThat(admitted).isEqualTo(FEW);
    assertThat(refused)
        .startsWith("HTTP/1.1 429")
        .containsIgnoringCase("retry-after: ")
        .contains("#quota-exceeded", "\"violated-policies\":[\"burst\"]");
    long counted = admitted;
    await(() -> controlPlane.used("busy", "calls") == counted);
  }

  @Test
  void quotaWhoseRootIsAway_isReducedCapacity_notSpent_untilItIsThereAgain() throws Exception {
    String key = "X-Api-Key: cold-key\r\n";
    controlPlane.put(tenant("cold", "cold-key", Access.FULL, 1, List.of()));
    controlPlane.blocksAway(true);
    try {
      for (int i = 0; i < 3; i++) {
        assertThat(call("GET /cold", key))
            .startsWith("HTTP/1.1 503")
            .containsIgnoringCase("retry-after: 1")
            .contains("#temporary-reduced-capacity", "\"violated-policies\":[\"month\"]");
      }
    } finally {
      controlPlane.blocksAway(false);
    }
    await(() -> status("GET /cold", key).equals("200"));
  }

  @Test
  void passedThresholds_reachTheControlPlane_onceItIsThere() throws Exception {
    QuotaLimit few =
        new QuotaLimit(
            "few",
            "calls",
            Scope.TENANT,
            4,
            null,
            new OverLimit(OverLimit.Behavior.WARN, 0, 0, List.of(50, 100)),
            false,
            "plan:pro");
    controlPlane.alertsAway(true);
    controlPlane.put(limited("loud", few));
    String key = "X-Api-Key: loud-key\r\n";
    for (int i = 0; i < 4; i++) {
      assertThat(call("GET /loud", key))
          .startsWith("HTTP/1.1 200")
          .doesNotContain("X-Tollgate-Warning");
    }
    for (int i = 0; i < 2; i++) {
      assertThat(call("GET /loud", key))
          .startsWith("HTTP/1.1 200")
          .contains("X-Tollgate-Warning: \"few\"\r\n");
    }
    assertThat(admin("GET /metrics"))
        .contains("tollgate_over_limit_total{limit=\"few\",outcome=\"warned\",} 2.0");
    assertThat(controlPlane.alerts("loud")).isEmpty();
    controlPlane.alertsAway(false);
    await(() -> controlPlane.alerts("loud").size() >= 3);
    assertThat(controlPlane.alerts("loud"))
        .extracting(alert -> alert.kind() + " " + alert.percent())
        .containsExactly("THRESHOLD 50", "THRESHOLD 100", "OVER 100");
    assertThat(controlPlane.alerts("loud"))
        .allMatch(alert -> alert.quota().equals("few") && alert.windowStart() == null)
        .allMatch(alert -> alert.amount() == 4);
  }

  @Test
  void refusal_isExplainedByItsId() throws Exception {
    Entitlements plain = scarce("why");
    controlPlane.put(
        new Entitlements(
            plain.format(),
            plain.tenant(),
            plain.version(),
            plain.asOf(),
            plain.plan(),
            plain.catalog(),
            plain.standing(),
            null,
            plain.keys(),
            List.of(),
            plain.rates(),
            plain.quotas(),
            List.of(),
            null,
            List.of(
                new LimitOrigin(
                    "burst",
                    List.of(
                        new Step("plan:pro", Effect.SET, 1, 1, 2L, OverLimit.Behavior.DENY),
                        new Step("addon:boost", Effect.MULTIPLY, 10, 10, 20L, null))))));
    String refused = "";
    for (int i = 0; i < 60 && !refused.startsWith("HTTP/1.1 429"); i++) {
      refused = call("GET /why", "X-Api-Key: why-key\r\n");
    }
    assertThat(explained(refused))
        .contains(
            "\"tenant\":\"why\"",
            "\"feature\":null",
            "\"key\":\"k-why\"",
            "\"status\":429",
            "\"deciding\":\"burst\"",
            "\"remaining\":0",
            "\"outcome\":\"DENIED\"",
            "\"origin\":\"plan:pro\"",
            "\"steps\":[{\"origin\":\"plan:pro\",\"effect\":\"SET\"",
            "{\"origin\":\"addon:boost\",\"effect\":\"MULTIPLY\",\"by\":10,\"amount\":10");
    assertThat(admin("GET /explain?tenant=why"))
        .as("here and now")
        .contains("\"steps\":[{\"origin\":\"plan:pro\"", "{\"origin\":\"addon:boost\"");
    await(
        () ->
            call("GET /why", "X-Api-Key: why-key\r\n").startsWith("HTTP/1.1 429")
                && admin("GET /explain?tenant=why").contains("\"deciding\":[\"burst\"]"));
    assertThat(admin("GET /explain?denial=never")).startsWith("HTTP/1.1 404");
  }

  @Test
  void admin_tellsWhatIs() throws Exception {
    controlPlane.put(tenant("seen", "seen-key", Access.FULL, 1, List.of()));
    assertThat(status("GET /", "X-Api-Key: seen-key\r\n")).isEqualTo("200");
    assertThat(admin("GET /ready")).startsWith("HTTP/1.1 200").contains("{\"ready\":true");
    assertThat(admin("GET /live")).startsWith("HTTP/1.1 200");
    String answered = "tollgate_requests_total{route=\"rest\",status=\"2xx\",}";
    await(() -> admin("GET /metrics").contains(answered)); // counted after its end went out
    assertThat(admin("GET /metrics"))
        .contains("tollgate_cells_granted_units ", "tollgate_cells_outstanding_units ");
    assertThat(admin("GET /explain?tenant=seen"))
        .contains("\"plan\":\"pro\"", "plan:pro", "\"cells\":[", "\"here\":[");
    assertThat(admin("GET /explain?tenant=nobody")).startsWith("HTTP/1.1 404");
    assertThat(admin("GET /config")).contains("\"node\":\"test\"").doesNotContain("proxy-token");
    assertThat(admin("POST /flush")).startsWith("HTTP/1.1 200");
    assertThat(admin("GET /nothing")).startsWith("HTTP/1.1 404");
  }

  @Test
  void admin_askedForHttp2_staysWithHttp1_whichEndsInOrder() throws Exception {
    try (RawClient client = new RawClient(proxy.adminPort())) {
      for (int i = 0; i < 2; i++) {
        String fields = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: ";
        String settings = "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA";
        client.send("GET /live HTTP/1.1\r\nHost: h\r\n" + fields + settings + "\r\n\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void reload_swapsRoutes_whileCallsGoOn() throws Exception {
    controlPlane.put(tenant("fresh", "fresh-key", Access.FULL, 1, List.of()));
    String key = "X-Api-Key: fresh-key\r\n";
    assertThat(status("GET /late", key)).isEqualTo("200");
    proxy.reload(
        ProxyFile.parse(
            "test",
            settings.replace("match: {path: /export}", "match: {path: /late}"),
            Map.of("TOKEN", FakeControlPlane.TOKEN)));
    await(() -> status("GET /late", key).equals("403"));
    proxy.reload(ProxyFile.parse("test", settings, Map.of("TOKEN", FakeControlPlane.TOKEN)));
    await(() -> status("GET /late", key).equals("200"));
  }

  private static String admin(String line) throws Exception {
    try (RawClient client = new RawClient(proxy.adminPort())) {
      return client.send(line + " HTTP/1.1\r\nHost: h\r\n\r\n").response();
    }
  }

  private static String call(String line, String fields) throws Exception {
    try (RawClient client = new RawClient(proxy.port())) {
      String length = line.startsWith("POST") ? "Content-Length: 0\r\n" : "";
      return client.send(line + " HTTP/1.1\r\nHost: h\r\n" + length + fields + "\r\n").response();
    }
  }

  private static String status(String line, String fields) {
    try {
      return call(line, fields).split(" ", 3)[1];
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A tenant who is limited by one quota only; its key is {@code TENANT-key}. */
  static Entitlements limited(String tenant, QuotaLimit quota) {
    Entitlements plain = tenant(tenant, tenant + "-key", Access.FULL, 1, List.of());
    return new Entitlements(
        plain.format(),
        plain.tenant(),
        plain.version(),
        plain.asOf(),
        plain.plan(),
        plain.catalog(),
        plain.standing(),
        null,
        plain.keys(),
        plain.features(),
        List.of(),
        List.of(quota),
        List.of());
  }

  static Entitlements tenant(
      String tenant, String key, Access access, long version, List<FeatureGrant> features) {
    return new Entitlements(
        Entitlements.FORMAT,
        tenant,
        version,
        Instant.parse("2026-03-01T00:00:00Z"),
        "pro",
        "gaudaan@1",
        new Standing(
            access == Access.FULL ? BillingState.ACTIVE : BillingState.READ_ONLY, access, "unpaid"),
        null,
        List.of(new KeyHash("k-" + tenant, sha256(key))),
        features,
        List.of(burst(Duration.ofSeconds(1), 1_000)),
        List.of(
            new QuotaLimit(
                "month", "calls", Scope.TENANT, 1000, YEARS, OverLimit.DENY, false, "plan:pro")),
        List.of());
  }

  private static RateLimit burst(Duration perCall, long burst) {
    return new RateLimit(
        "burst", "calls", Scope.TENANT, 1, perCall, burst, OverLimit.DENY, false, "plan:pro");
  }

  /** A tenant that has {@link #FEW} calls, and the next one in an hour; key as in limited. */
  static Entitlements scarce(String tenant) {
    Entitlements plain = tenant(tenant, tenant + "-key", Access.FULL, 1, List.of());
    return new Entitlements(
        plain.format(),
        plain.tenant(),
        plain.version(),
        plain.asOf(),
        plain.plan(),
        plain.catalog(),
        plain.standing(),
        null,
        plain.keys(),
        plain.features(),
        List.of(burst(Duration.ofHours(1), FEW)),
        plain.quotas(),
        List.of());
  }

  static String sha256(String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.US_ASCII)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within 20 s").isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
