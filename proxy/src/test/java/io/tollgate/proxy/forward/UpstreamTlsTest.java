package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS to upstreams: whom the proxy trusts, what it asks for, what it shows, what is spoken. */
@Timeout(120)
class UpstreamTlsTest {
  @TempDir static Path directory;
  private static final Vertx VERTX = Vertx.vertx();
  private static TestCertificates made;
  private static HttpServer open;
  private static HttpServer closed;

  @BeforeAll
  static void start() throws Exception {
    made = new TestCertificates(directory).leaf("server").leaf("client");
    open = listen(ClientAuth.NONE);
    closed = listen(ClientAuth.REQUIRED);
  }

  @AfterAll
  static void stop() {
    VERTX.close().toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Test
  void trusted_isSpokenToByWhatItChooses() throws Exception {
    assertThat(call(open, "tls: {authority: \"" + made.authority() + "\"}"))
        .startsWith("HTTP/1.1 200")
        .endsWith("HTTP_2 sni=null client=none");
  }

  @Test
  void protocol_canBeHttp1() throws Exception {
    assertThat(call(open, "tls: {authority: \"" + made.authority() + "\"}, protocol: http1"))
        .endsWith("HTTP_1_1 sni=null client=none");
  }

  @Test
  void serverName_isAskedForAndChecked() throws Exception {
    String authority = "authority: \"" + made.authority() + "\"";
    assertThat(call(open, "tls: {" + authority + ", server-name: localhost}"))
        .endsWith("HTTP_2 sni=localhost client=none");
    assertThat(call(open, "tls: {" + authority + ", server-name: other.test}"))
        .startsWith("HTTP/1.1 502");
  }

  @Test
  void unknownAuthority_isRefused_unlessNothingIsChecked() throws Exception {
    assertThat(call(open, "tls: true")).startsWith("HTTP/1.1 502");
    assertThat(call(open, "tls: {verify: false, server-name: other.test}"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void certificate_isShownWhereAskedFor() throws Exception {
    String authority = "authority: \"" + made.authority() + "\"";
    String shown =
        ", certificate: \"" + made.certificate("client") + "\", key: \"" + made.key("client") + '"';
    assertThat(call(closed, "tls: {" + authority + shown + "}")).endsWith("client=CN=client");
    assertThat(call(closed, "tls: {" + authority + "}")).startsWith("HTTP/1.1 502");
  }

  private static String call(HttpServer upstream, String keys) throws Exception {
    try (ForwardBench bench =
            new ForwardBench(upstream.actualPort(), ", connect-timeout: 20s, " + keys);
        RawClient client = new RawClient(bench.port())) {
      return client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").response();
    }
  }

  private static HttpServer listen(ClientAuth clients) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(true)
            .setSni(true)
            .setClientAuth(clients)
            .setTrustOptions(new PemTrustOptions().addCertPath(made.authority().toString()))
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .setCertPath(made.certificate("server").toString())
                    .setKeyPath(made.key("server").toString()));
    return VERTX
        .createHttpServer(options)
        .requestHandler(UpstreamTlsTest::tell)
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private static void tell(HttpServerRequest request) {
    String client;
    try {
      client = request.sslSession().getPeerPrincipal().getName();
    } catch (SSLPeerUnverifiedException e) {
      client = "none";
    }
    var unused =
        request
            .response()
            .end(
                request.version()
                    + " sni="
                    + request.connection().indicatedServerName()
                    + " client="
                    + client);
  }
}
