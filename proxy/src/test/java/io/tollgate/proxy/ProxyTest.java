package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.tollgate.contract.Access;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
import io.tollgate.proxy.forward.Await;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a tenant may do, and what is counted, through the whole proxy. */
@Timeout(120)
class ProxyTest extends WholeProxyBench {
  @Test
  void knownKey_isForwardedWithItsTenantAndCounted() throws Exception {
    proxy.put(Tenants.tenant("acme", "acme-key", Access.FULL, 1, List.of()));
    String answer = proxy.call("GET /a", "X-Api-Key: acme-key\r\nX-Tollgate-Tenant: forged\r\n");
    assertThat(answer)
        .startsWith("HTTP/1.1 200 OK")
        .contains("RateLimit-Policy: ", "RateLimit: \"burst\";r=", "\"month\";r=999");
    assertThat(proxy.heads())
        .anySatisfy(
            head ->
                assertThat(head)
                    .startsWith("GET /a ")
                    .contains(
                        "X-Tollgate-Tenant: acme", "X-Tollgate-Plan: pro", "X-Tollgate-Key: k-acme")
                    .doesNotContain("acme-key", "forged"));
    Await.until(() -> proxy.controlPlane.used("acme", "calls") == 1);
  }

  @Test
  void callsOfOneKey_onRoutesInTurn_areToldAndCountedByWhatHoldsNow() throws Exception {
    FeatureGrant export = new FeatureGrant("export", true, null, null, "plan:pro");
    proxy.put(Tenants.tenant("turns", "turns-key", Access.FULL, 1, List.of(export)));
    for (int i = 0; i < 4; i++) {
      assertThat(proxy.status("GET /turn" + i, "X-Api-Key: turns-key\r\n")).isEqualTo("200");
      assertThat(proxy.status("GET /export", "X-Api-Key: turns-key\r\n")).isEqualTo("200");
    }
    Await.until(() -> proxy.controlPlane.used("turns", "exports") == 12);
    Await.until(() -> proxy.controlPlane.used("turns", "calls") == 8);
    Entitlements later =
        Tenants.onPlan("gold", Tenants.tenant("turns", "turns-key", Access.FULL, 2, List.of()));
    proxy.put(later);
    Await.until(() -> proxy.status("GET /export", "X-Api-Key: turns-key\r\n").equals("403"));
    String answer = proxy.call("GET /turned", "X-Api-Key: turns-key\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200").contains("\"month\";r=");
    assertThat(proxy.heads())
        .filteredOn(head -> head.startsWith("GET /turn"))
        .hasSize(5)
        .allMatch(head -> head.contains("X-Tollgate-Tenant: turns\r\n"))
        .allMatch(head -> head.contains("X-Tollgate-Key: k-turns\r\n"))
        .filteredOn(head -> head.startsWith("GET /turned"))
        .singleElement(as(STRING))
        .contains("X-Tollgate-Plan: gold\r\n")
        .doesNotContain("X-Tollgate-Plan: pro");
  }

  @Test
  void bearerKey_isTheSameKey_andAnotherAuthorizationIsTheOrigins() throws Exception {
    proxy.put(Tenants.tenant("bear", "bear-key", Access.FULL, 1, List.of()));
    assertThat(proxy.call("GET /b1", "Authorization: Bearer bear-key\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(proxy.call("GET /b2", "X-Api-Key: bear-key\r\nAuthorization: Digest x\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(proxy.heads())
        .anyMatch(head -> head.startsWith("GET /b1 ") && !head.contains("bear-key"))
        .anyMatch(head -> head.startsWith("GET /b2 ") && head.contains("Authorization: Digest x"));
  }

  @Test
  void unknownOrMissingKey_is401() throws Exception {
    assertThat(proxy.call("GET /", "X-Api-Key: nobody\r\n"))
        .startsWith("HTTP/1.1 401")
        .containsIgnoringCase("www-authenticate: ")
        .contains("application/problem+json");
    assertThat(proxy.call("GET /", "")).startsWith("HTTP/1.1 401");
  }

  @Test
  void featureNotInThePlan_is403_andGrantedItCountsItsMeters() throws Exception {
    proxy.put(Tenants.tenant("feat", "feat-key", Access.FULL, 1, List.of()));
    String refused = proxy.call("GET /export", "X-Api-Key: feat-key\r\n");
    assertThat(refused).startsWith("HTTP/1.1 403").contains("does not have the feature 'export'");
    assertThat(proxy.explained(refused))
        .contains("\"reason\":\"FEATURE\"", "\"deciding\":\"\"", "\"limits\":[]")
        .contains(
            "\"feature\":{\"feature\":\"export\",\"enabled\":false,\"limit\":null,\"level\":null,"
                + "\"origin\":\"\",\"steps\":[]}");
    FeatureGrant export = new FeatureGrant("export", true, null, null, "addon:export");
    proxy.put(Tenants.tenant("feat", "feat-key", Access.FULL, 2, List.of(export)));
    Await.until(() -> proxy.status("GET /export", "X-Api-Key: feat-key\r\n").equals("200"));
    Await.until(() -> proxy.controlPlane.used("feat", "exports") >= 3);
  }

  @Test
  void unpaidTenant_readsOnly_thenNothing_thenAllAgain() throws Exception {
    String key = "X-Api-Key: late-key\r\n";
    proxy.put(Tenants.tenant("late", "late-key", Access.FULL, 1, List.of()));
    assertThat(proxy.status("POST /w", key)).isEqualTo("200");
    proxy.put(Tenants.tenant("late", "late-key", Access.READ_ONLY, 2, List.of()));
    Await.until(() -> proxy.status("POST /w", key).equals("403"));
    assertThat(proxy.status("GET /r", key)).isEqualTo("200");
    proxy.put(Tenants.tenant("late", "late-key", Access.NONE, 3, List.of()));
    Await.until(() -> proxy.status("GET /r", key).equals("402"));
    proxy.put(Tenants.tenant("late", "late-key", Access.FULL, 4, List.of()));
    Await.until(() -> proxy.status("POST /w", key).equals("200"));
  }

  @Test
  void rateSpent_is429WithRetryAfter_andOnlyAdmittedCallsCount() throws Exception {
    proxy.put(Tenants.scarce("busy"));
    int admitted = 0;
    String refused = "";
    for (int i = 0; i < 60; i++) {
      String answer = proxy.call("GET /", "X-Api-Key: busy-key\r\n");
      if (answer.startsWith("HTTP/1.1 200")) {
        admitted++;
      } else {
        refused = answer;
      }
    }
    assertThat(admitted).isEqualTo(Tenants.FEW);
    assertThat(refused)
        .startsWith("HTTP/1.1 429")
        .containsIgnoringCase("retry-after: ")
        .contains("#quota-exceeded", "\"violated-policies\":[\"burst\"]");
    long counted = admitted;
    Await.until(() -> proxy.controlPlane.used("busy", "calls") == counted);
  }

  @Test
  void quotaWhoseRootIsAway_isReducedCapacity_notSpent_untilItIsThereAgain() throws Exception {
    String key = "X-Api-Key: cold-key\r\n";
    proxy.put(Tenants.tenant("cold", "cold-key", Access.FULL, 1, List.of()));
    proxy.controlPlane.blocksAway(true);
    try {
      for (int i = 0; i < 3; i++) {
        assertThat(proxy.call("GET /cold", key))
            .startsWith("HTTP/1.1 503")
            .containsIgnoringCase("retry-after: 1")
            .contains("#temporary-reduced-capacity", "\"violated-policies\":[\"month\"]");
      }
    } finally {
      proxy.controlPlane.blocksAway(false);
    }
    Await.until(() -> proxy.status("GET /cold", key).equals("200"));
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
    proxy.controlPlane.alertsAway(true);
    proxy.put(Tenants.limited("loud", few));
    String key = "X-Api-Key: loud-key\r\n";
    for (int i = 0; i < 4; i++) {
      assertThat(proxy.call("GET /loud", key))
          .startsWith("HTTP/1.1 200")
          .doesNotContain("X-Tollgate-Warning");
    }
    for (int i = 0; i < 2; i++) {
      assertThat(proxy.call("GET /loud", key))
          .startsWith("HTTP/1.1 200")
          .contains("X-Tollgate-Warning: \"few\"\r\n");
    }
    assertThat(proxy.admin("GET /metrics"))
        .contains("tollgate_over_limit_total{limit=\"few\",outcome=\"warned\",} 2.0");
    assertThat(proxy.controlPlane.alerts("loud")).isEmpty();
    proxy.controlPlane.alertsAway(false);
    Await.until(() -> proxy.controlPlane.alerts("loud").size() >= 3);
    assertThat(proxy.controlPlane.alerts("loud"))
        .extracting(alert -> alert.kind() + " " + alert.percent())
        .containsExactly("THRESHOLD 50", "THRESHOLD 100", "OVER 100");
    assertThat(proxy.controlPlane.alerts("loud"))
        .allMatch(alert -> alert.quota().equals("few") && alert.windowStart() == null)
        .allMatch(alert -> alert.amount() == 4);
  }

  @Test
  void reload_swapsRoutes_whileCallsGoOn() throws Exception {
    proxy.put(Tenants.tenant("fresh", "fresh-key", Access.FULL, 1, List.of()));
    String key = "X-Api-Key: fresh-key\r\n";
    assertThat(proxy.status("GET /late", key)).isEqualTo("200");
    proxy.reload("match: {path: /export}", "match: {path: /late}");
    Await.until(() -> proxy.status("GET /late", key).equals("403"));
    proxy.reload("", "");
    Await.until(() -> proxy.status("GET /late", key).equals("200"));
  }
}
