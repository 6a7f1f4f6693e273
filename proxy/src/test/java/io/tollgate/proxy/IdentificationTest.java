package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.tenant.IdentityProvider;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every source of a tenant, in order, through whole proxies. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class IdentificationTest {
  /** It trusts nobody who calls here. */
  private static final String UNTRUSTING = ", trusted-peers: [192.0.2.1]";

  private static final String ISSUER = "https://id.example.org/";

  @TempDir static Path data;
  private static final List<Proxy> proxies = new ArrayList<>();
  private static FakeControlPlane controlPlane;
  private static IdentityProvider provider;
  private static Origin origin;
  private static Proxy strict;
  private static Proxy open;
  private static Proxy mutual;
  private static KeyStore client;
  private static KeyStore stranger;

  @BeforeAll
  static void start() throws Exception {
    controlPlane = new FakeControlPlane();
    provider = new IdentityProvider();
    assertThat(token("acme")).isNotEmpty(); // its key is published before anybody fetches it
    origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    for (String tenant : List.of("acme", "globex", "public")) {
      controlPlane.put(Tenants.tenant(tenant, tenant + "-key", Access.FULL, 1, List.of()));
    }
    strict = proxy("strict", UNTRUSTING, sources(""));
    open = proxy("open", ", trusted-peers: [127.0.0.1]", sources("\n  anonymous-tenant: public"));
    Certificates certificates = new Certificates(data);
    certificates.make("server", "CN=localhost", "IP:127.0.0.1");
    client = certificates.make("client", "CN=globex, O=x", "URI:spiffe://example.org/t/acme");
    stranger = certificates.make("stranger", "CN=nobody", "");
    mutual =
        proxy(
            "mutual",
            ", tls: {certificate: %s, key: %s, client-authority: %s}"
                .formatted(
                    data.resolve("server.pem"),
                    data.resolve("server.key"),
                    data.resolve("client.pem")),
            """
            sources:
                - certificate: {name: san.uri, pattern: "spiffe://example.org/t/{tenant}"}
                - certificate: {name: subject.CN}\
            """);
  }

  @AfterAll
  static void stop() throws Exception {
    proxies.forEach(Proxy::stop);
    origin.close();
    provider.close();
    controlPlane.close();
  }

  @Test
  void keyInQuery_isStripped_andTheRestOfTheQueryStays() throws Exception {
    assertThat(call(strict, "/q1?a=%20b&api_key=acme-key&api_key=x&c", "h", ""))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/q1"))
        .startsWith("GET /q1?a=%20b&c HTTP/1.1")
        .contains("X-Tollgate-Tenant: acme")
        .doesNotContain("acme-key");
    assertThat(call(strict, "/q2?api_key=acme-key", "h", "Authorization: Digest mine\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/q2")).startsWith("GET /q2 HTTP/1.1").contains("Authorization: Digest mine");
  }

  @Test
  void token_namesItsTenant_isKeptOrStrippedBySetting_andOtherBearersAreKeys() throws Exception {
    String token = token("acme");
    assertThat(call(strict, "/t1", "h", "Authorization: Bearer " + token + "\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/t1"))
        .contains("X-Tollgate-Tenant: acme", "X-Tollgate-Key: jwt:user-1", token);
    assertThat(call(strict, "/t2?access_token=" + token + "&x=1", "h", ""))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/t2")).startsWith("GET /t2?access_token=" + token + "&x=1 ");
    assertThat(call(strict, "/t3", "h", "X-Session: " + token + "\r\n")).startsWith("HTTP/1.1 200");
    assertThat(seen("/t3")).contains("X-Tollgate-Tenant: acme").doesNotContain(token);
    assertThat(call(strict, "/t4", "h", "Authorization: Bearer globex-key\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/t4")).contains("X-Tollgate-Tenant: globex");
    String tampered = token.substring(0, token.length() - 6) + "AAAAAA";
    assertThat(call(strict, "/t5", "h", "Authorization: Bearer " + tampered + "\r\n"))
        .startsWith("HTTP/1.1 401");
    assertThat(call(strict, "/t6", "h", "Authorization: Bearer " + token("nobody") + "\r\n"))
        .startsWith("HTTP/1.1 401");
  }

  @Test
  void hostAndPath_nameTheTenant_inTheSpellingRoutesUse() throws Exception {
    assertThat(call(strict, "/h1", "acme.api.example.org", "")).startsWith("HTTP/1.1 200");
    assertThat(seen("/h1")).contains("X-Tollgate-Tenant: acme", "X-Tollgate-Key: host");
    assertThat(call(strict, "/h2", "ACME.API.example.org.:8000", "")).startsWith("HTTP/1.1 200");
    assertThat(call(strict, "/h3", "a.acme.api.example.org", "")).startsWith("HTTP/1.1 401");
    assertThat(call(strict, "/t/globex/p1", "h", "")).startsWith("HTTP/1.1 200");
    assertThat(seen("/t/globex/p1")).contains("X-Tollgate-Tenant: globex", "X-Tollgate-Key: path");
    assertThat(call(strict, "/x/..//t/%67lobex/p2", "h", "")).startsWith("HTTP/1.1 200");
    assertThat(call(strict, "/t/", "h", "")).startsWith("HTTP/1.1 401");
    assertThat(call(strict, "http://acme.api.example.org/h4", "globex.api.example.org", ""))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/h4")).contains("X-Tollgate-Tenant: acme");
  }

  @Test
  void firstSourceThatHoldsAnything_decides() throws Exception {
    assertThat(call(strict, "/o1", "acme.api.example.org", "X-Api-Key: globex-key\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/o1")).contains("X-Tollgate-Tenant: globex");
    assertThat(call(strict, "/o2", "acme.api.example.org", "X-Api-Key: wrong\r\n"))
        .startsWith("HTTP/1.1 401");
  }

  @Test
  void trustedHeader_isBelievedFromTrustedPeersOnly_andTakenOutOfTheRest() throws Exception {
    assertThat(call(open, "/p1", "h", "X-Tenant: acme\r\n")).startsWith("HTTP/1.1 200");
    assertThat(seen("/p1")).contains("X-Tollgate-Tenant: acme").doesNotContain("X-Tenant: ");
    assertThat(call(strict, "/p2", "h", "X-Tenant: acme\r\n")).startsWith("HTTP/1.1 401");
    assertThat(call(strict, "/p3", "h", "X-Tenant: acme\r\nX-Api-Key: globex-key\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(seen("/p3")).contains("X-Tollgate-Tenant: globex").doesNotContain("X-Tenant: ");
    assertThat(call(open, "/p4", "h", "X-Tenant: two words\r\n")).startsWith("HTTP/1.1 401");
  }

  @Test
  void anonymous_isByPolicyAndOnlyWithoutAnyCredential() throws Exception {
    assertThat(call(open, "/a1", "h", "")).startsWith("HTTP/1.1 200");
    assertThat(seen("/a1")).contains("X-Tollgate-Tenant: public", "X-Tollgate-Key: anonymous");
    assertThat(call(open, "/a2", "h", "X-Api-Key: wrong\r\n")).startsWith("HTTP/1.1 401");
    assertThat(call(strict, "/a3", "h", "")).startsWith("HTTP/1.1 401");
  }

  @Test
  void certificate_namesTheTenant_andNoneThatIsNotSignedGetsIn() throws Exception {
    assertThat(callWith(client, "/c1")).startsWith("HTTP/1.1 200");
    assertThat(seen("/c1")).contains("X-Tollgate-Tenant: acme", "X-Tollgate-Key: cert:");
    assertThat(callWith(stranger, "/c2")).doesNotContain("200 OK");
  }

  @Test
  void reload_swapsIdentification_withoutDroppingACall() throws Exception {
    ProxySettings before = mutual.settings();
    Proxy reloaded = proxy("reloaded", UNTRUSTING, sources(""));
    assertThat(call(reloaded, "/t/acme/r1", "h", "")).startsWith("HTTP/1.1 200");
    reloaded.reload(before);
    String answer = "";
    for (int i = 0; i < 1000 && !answer.startsWith("HTTP/1.1 401"); i++) {
      Thread.sleep(i == 0 ? 0 : 20);
      answer = call(reloaded, "/t/acme/r2", "h", ""); // a certificate is asked for now
      assertThat(answer).matches("(?s)HTTP/1.1 (200|401).*");
    }
    assertThat(answer).startsWith("HTTP/1.1 401");
    assertThat(reloaded.settings().identification()).isEqualTo(before.identification());
  }

  @Test
  void unknownTenants_areAskedForOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(call(strict, "/t/no-such-tenant/x", "h", "")).startsWith("HTTP/1.1 401");
    }
    assertThat(strict.entitlements().status().unknownTenants()).isPositive();
    assertThat(controlPlane.asked("no-such-tenant")).isEqualTo(1);
    controlPlane.put(Tenants.tenant("no-such-tenant", "late-key", Access.FULL, 1, List.of()));
    String answer = "";
    for (int i = 0; i < 1000 && !answer.startsWith("HTTP/1.1 200"); i++) {
      Thread.sleep(20);
      answer = call(strict, "/t/no-such-tenant/x", "h", "");
    }
    assertThat(answer).startsWith("HTTP/1.1 200");
  }

  private static String sources(String more) {
    return """
    sources:
        - api-key: {query-parameters: [api_key]}
        - jwt: {issuer: "%s", audience: api, jwks: "%s", query-parameter: access_token}
        - jwt: {issuer: "%s", jwks: "%s", header: X-Session, strip: true}
        - header: {name: X-Tenant}
        - host: {pattern: "{tenant}.api.example.org"}
        - path: {pattern: "/t/{tenant}/**"}\
    """
            .formatted(ISSUER, provider.url(), ISSUER, provider.url())
        + more;
  }

  private static Proxy proxy(String name, String listener, String identification) throws Exception {
    String settings =
        TestSettings.alone(data.resolve(name), controlPlane, listener)
            + """
        upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
        engine: {transports: [nio], drain: 2s}
        identification:
          %s
        """
                .formatted(origin.port(), identification);
    Proxy proxy = Proxy.start(TestSettings.parse(settings));
    proxies.add(proxy);
    for (int i = 0; i < 1500 && !proxy.entitlements().status().connected(); i++) {
      Thread.sleep(20);
    }
    return proxy;
  }

  private static String token(String tenant) throws Exception {
    return provider.token(ISSUER, "api", tenant);
  }

  private static String seen(String path) {
    return origin.heads().stream()
        .filter(head -> head.startsWith("GET " + path))
        .findFirst()
        .orElse("");
  }

  private static String call(Proxy proxy, String target, String host, String fields)
      throws Exception {
    try (RawClient caller = new RawClient(proxy.port())) {
      return caller
          .send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n")
          .response();
    }
  }

  private static String callWith(KeyStore shown, String path) throws Exception {
    try (Socket socket =
        Certificates.showing(shown).getSocketFactory().createSocket("127.0.0.1", mutual.port())) {
      socket.setSoTimeout(30_000);
      try {
        socket
            .getOutputStream()
            .write(
                ("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      } catch (java.io.IOException e) {
        return "refused: " + e.getMessage();
      }
    }
  }
}
