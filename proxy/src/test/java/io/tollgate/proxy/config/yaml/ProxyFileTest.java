package io.tollgate.proxy.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.Identification;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.Staleness;
import io.tollgate.proxy.config.Timeouts;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.route.RouteMeter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyFileTest {
  private static final String LEAST =
      """
      control-plane: {url: "http://127.0.0.1:8080", token: {env: TOKEN}}
      upstreams: {api: {addresses: ["127.0.0.1:8081"]}}
      """;

  private static ProxySettings parse(String text) {
    return ProxyFile.parse("proxy.yaml", text, Map.of("TOKEN", "s3cret"));
  }

  @Test
  void parse_least_hasEveryDefault() {
    ProxySettings settings = parse("node: edge-1\n" + LEAST);
    assertThat(settings.listener().endpoint()).isEqualTo(new Endpoint("0.0.0.0", 8000));
    assertThat(settings.admin()).isEqualTo(new Endpoint("127.0.0.1", 9000));
    assertThat(settings.letterbox()).isEqualTo(new Endpoint("127.0.0.1", 9100));
    assertThat(settings.data()).hasToString("data/edge-1");
    assertThat(settings.cluster().endpoint()).hasToString("127.0.0.1:5701");
    assertThat(settings.identification()).isEqualTo(Identification.DEFAULT);
    assertThat(settings.staleness()).isEqualTo(Staleness.DEFAULT);
    assertThat(settings.upstreams().values())
        .extracting(UpstreamSettings::timeouts)
        .containsExactly(Timeouts.DEFAULT);
    assertThat(settings.routes().all())
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.upstream()).isEqualTo("api");
              assertThat(route.meters()).isEqualTo(Route.CALLS);
            });
    assertThat(settings.toString()).doesNotContain("s3cret");
  }

  @Test
  void parse_wholeRoute_isRead() {
    ProxySettings settings =
        parse(
            LEAST
                + """
                routes:
                  - name: export
                    match: {methods: [POST], path: "/causes/*/export", headers: {X-Kind: "*"}}
                    group: reports
                    feature: advanced-export
                    write: false
                    meters: {calls: 1, exports: 10}
                    response-timeout: 2m
                """);
    Route route = settings.routes().all().get(0);
    assertThat(route.group()).isEqualTo("reports");
    assertThat(route.feature()).isEqualTo("advanced-export");
    assertThat(route.writes("POST")).isFalse();
    assertThat(route.meters()).contains(RouteMeter.calls("exports", 10));
    assertThat(route.responseTimeout()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void parse_tokenInTheFile_isRefused() {
    assertThatThrownBy(() -> parse(LEAST.replace("{env: TOKEN}", "s3cret")))
        .hasMessageContaining("{env: NAME}")
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "http://me:s3cret@h/x",
    "http://me:s3cret@h",
    "ftp://me:s3cret@h",
    "http://me:s3cret@ h"
  })
  void parse_passwordInAUrl_isRefusedAndNotRepeated(String url) {
    assertThatThrownBy(() -> parse(LEAST.replace("http://127.0.0.1:8080", url)))
        .hasMessageContaining("control-plane.url")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void parse_portsThatDoNotMeet_areTaken() {
    String ports =
        "listener: {host: 127.0.0.2, port: 9000}\nadmin: {port: 9000}\nletterbox: {port: 0}\n";
    assertThat(parse(LEAST + ports).admin().port()).isEqualTo(9000);
    String client = "listener: {port: 5701}\ncluster: {role: client, members: [\"h:5701\"]}\n";
    assertThat(parse(LEAST + client).listener().endpoint().port()).isEqualTo(5701);
  }

  @Test
  void parse_nothing_namesTheFirstMissingKey() {
    assertThatThrownBy(() -> parse("")).hasMessageContaining("'upstreams' is missing");
  }

  @Test
  void parseMember_needsNodeAndClusterOnly_andChecksWhatIsThere() {
    ProxySettings member =
        ProxyFile.parseMember(
            "member.yaml", "node: m1\ncluster: {name: limits, port: 5711}\n", Map.of());
    assertThat(member.node()).isEqualTo("m1");
    assertThat(member.cluster().endpoint()).hasToString("127.0.0.1:5711");
    assertThatThrownBy(
            () -> ProxyFile.parseMember("member.yaml", "node: m1\nclutser: {}\n", Map.of()))
        .hasMessageContaining("did you mean 'cluster'");
  }

  @Test
  void cluster_members_keepBracketsOfIpv6() {
    assertThat(parse(LEAST + "cluster: {members: [\"[::1]:5701\"]}").cluster().members())
        .isEqualTo(List.of("[::1]:5701"));
  }
}
