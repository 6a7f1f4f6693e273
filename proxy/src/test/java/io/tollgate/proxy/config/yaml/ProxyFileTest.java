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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          listener: {prot: 1} | proxy.yaml:3: listener.prot: unknown key; did you mean 'port'?
          listener: {port: eighty} | proxy.yaml:3: listener.port: a whole number is expected
          listener: {port: 70000} | a number from 0 to 65535 is expected
          listener: {trusted-peers: [all]} | listener.trusted-peers[0]: 'all' is not an address
          listener: {trusted-peers: ["127.0.1"]} | '127.0.1' is not an address: an address or a CIDR block such as
          listener: {trusted-peers: ["10.0.0.0/33"]} | '10.0.0.0/33' has no prefix of 0 to 32 bits
          listener: {trusted-peers: ["::1/129"]} | '::1/129' has no prefix of 0 to 128 bits
          listener: {trusted-peers: ["10.0.0.0/"]} | '10.0.0.0/' has no prefix
          listener: {trusted-peers: ["10.0.0.0/+8"]} | '10.0.0.0/+8' has no prefix
          listener: {port: 9000} | proxy.yaml:3: listener: listener.port and admin.port are both 9000
          admin: {host: "::", port: 5701} | proxy.yaml:3: admin: admin.port and cluster.port are both 5701
          letterbox: {port: 9000} | letterbox: admin.port and letterbox.port are both 9000
          engine: {transports: [uring]} | 'uring' is not one of: io-uring, epoll, nio
          engine: {drain: forever} | a duration such as
          staleness: {policy: maybe} | 'maybe' is not one of: last-known, open, closed
          routes: [{name: a, upstream: b}] | 'b' is not one of the upstreams: api
          routes: [{name: a}, {name: a}] | routes[1]: the name 'a' is taken by a route above
          routes: [{name: a, match: {path: causes}}] | a path pattern begins with '/'
          routes: [{name: a, match: {methods: [get]}}] | 'get' is not an upper-case method
          routes: [{name: a, meters: {calls: -1}}] | a number from 0 to 1000000 is expected
          routes: [{name: a, meters: {x: {of: bytes}}}] | 'bytes' is not one of: calls, request-bytes
          routes: [{name: a, meters: {x: {of: response-field}}}] | meters.x: the key 'field' is missing
          routes: [{name: a, meters: {x: {of: request-bytes, per: 5}}}] | a size such as
          routes: [{name: a, billed: [6xx]}] | a status such as 200, 2xx, 200-299 or grpc-0 is expected
          routes: [{name: a, when-spent: stop}] | 'stop' is not one of: finish, cut-off
          identification: {sources: [{password: {}}]} | 'password' is not one of: api-key, jwt
          identification: {sources: [{host: {pattern: x}}]} | {tenant} is expected in it, once
          identification: {sources: [{path: {pattern: "/t"}}]} | {tenant} is expected as a segment
          identification: {sources: [{path: {pattern: "/{tenant}/{tenant}"}}]} | as a segment of it, once
          identification: {anonymous-tenant: a b} | 'a b' is not a tenant's id
          routes: [{name: a, match: {headers: {"bad name": x}}}] | 'bad name' is not a header field's name
          identification: {sources: [{jwt: {issuer: i, jwks: x}}]} | a URL such as https://id
          identification: {sources: [{jwt: {issuer: i, jwks: "http://h/", algorithms: [none]}}]} | 'none' is not one of
          identification: {sources: [{jwt: {issuer: i, jwks: "http://h/", algorithms: [HS256]}}]} | a shared secret
          identification: {sources: [{api-key: {}}], headers: [X]} | with 'sources' it stands in one
          identification: {sources: [{certificate: {name: issuer.CN}}]} | san.dns, san.uri or san.email
          identification: {sources: [{certificate: {}}]} | identification.sources: a certificate is asked for only with listener.tls.client-authority
          limits: {lease-ttl: 1h} | a duration from 1s to 1m is expected, not 1h
          engine: {drain: 9d} | a duration from 0ms to 1d is expected, not 9d
          tracing: {endpoint: collector} | a URL such as http://127.0.0.1:4318/v1/traces
          cluster: {members: ["127.0.0.1"]} | host:port is expected, not '127.0.0.1'
          cluster: {role: client} | a client needs cluster.members
          """)
  void parse_mistake_namesKeyAndWhatIsAllowed(String line, String message) {
    assertThatThrownBy(() -> parse(LEAST + line + "\n")).hasMessageContaining(message);
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
