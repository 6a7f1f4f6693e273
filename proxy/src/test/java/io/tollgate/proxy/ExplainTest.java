package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.LimitOrigin.Effect;
import io.tollgate.contract.LimitOrigin.Step;
import io.tollgate.contract.OverLimit;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.RawClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the operators of the whole proxy are told, of refusals above all. */
@Timeout(120)
class ExplainTest extends WholeProxyBench {
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
    proxy.put(Tenants.tenant("took", "took-key", Access.FULL, 1, List.of(taken)));
    String steps =
        "\"origin\":\"override:ovr_1\",\"steps\":["
            + "{\"origin\":\"plan:pro\",\"effect\":\"SET\",\"by\":5,\"enabled\":true,\"limit\":5,"
            + "\"level\":null},"
            + "{\"origin\":\"addon:seats\",\"effect\":\"ADD\",\"by\":3,\"enabled\":true,\"limit\":8,"
            + "\"level\":null},"
            + "{\"origin\":\"override:ovr_1\",\"effect\":\"SET\",\"by\":0,\"enabled\":false,"
            + "\"limit\":0,\"level\":null}]";
    String refused = proxy.call("GET /export", "X-Api-Key: took-key\r\n");
    assertThat(refused).startsWith("HTTP/1.1 403");
    assertThat(proxy.explained(refused))
        .contains("\"feature\":{\"feature\":\"export\",\"enabled\":false", steps)
        .contains("\"standing\":{\"state\":\"ACTIVE\",\"access\":\"FULL\"");
    assertThat(proxy.admin("GET /explain?tenant=took")).as("here and now").contains(steps);
  }

  @Test
  void refusal_isExplainedByItsId() throws Exception {
    Entitlements plain = Tenants.scarce("why");
    proxy.put(
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
      refused = proxy.call("GET /why", "X-Api-Key: why-key\r\n");
    }
    assertThat(proxy.explained(refused))
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
    assertThat(proxy.admin("GET /explain?tenant=why"))
        .as("here and now")
        .contains("\"steps\":[{\"origin\":\"plan:pro\"", "{\"origin\":\"addon:boost\"");
    Await.until(
        () ->
            proxy.call("GET /why", "X-Api-Key: why-key\r\n").startsWith("HTTP/1.1 429")
                && proxy.admin("GET /explain?tenant=why").contains("\"deciding\":[\"burst\"]"));
    assertThat(proxy.admin("GET /explain?denial=never")).startsWith("HTTP/1.1 404");
  }

  @Test
  void admin_tellsWhatIs() throws Exception {
    proxy.put(Tenants.tenant("seen", "seen-key", Access.FULL, 1, List.of()));
    assertThat(proxy.status("GET /", "X-Api-Key: seen-key\r\n")).isEqualTo("200");
    assertThat(proxy.admin("GET /ready")).startsWith("HTTP/1.1 200").contains("{\"ready\":true");
    assertThat(proxy.admin("GET /live")).startsWith("HTTP/1.1 200");
    String answered = "tollgate_requests_total{route=\"rest\",status=\"2xx\",}";
    Await.until(
        () -> proxy.admin("GET /metrics").contains(answered)); // counted after its end went out
    assertThat(proxy.admin("GET /metrics"))
        .contains("tollgate_cells_granted_units ", "tollgate_cells_outstanding_units ");
    assertThat(proxy.admin("GET /explain?tenant=seen"))
        .contains("\"plan\":\"pro\"", "plan:pro", "\"cells\":[", "\"here\":[");
    assertThat(proxy.admin("GET /explain?tenant=nobody")).startsWith("HTTP/1.1 404");
    assertThat(proxy.admin("GET /config"))
        .contains("\"node\":\"test\"")
        .doesNotContain("proxy-token");
    assertThat(proxy.admin("POST /flush")).startsWith("HTTP/1.1 200");
    assertThat(proxy.admin("GET /nothing")).startsWith("HTTP/1.1 404");
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
}
