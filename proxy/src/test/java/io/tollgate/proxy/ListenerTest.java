package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.forward.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a listener does before HTTP: TLS, its certificates, the PROXY protocol. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class ListenerTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @TempDir Path directory;

  @Test
  void tls_bothHttpsByAlpn_andANewCertificateWithoutARestart() throws Exception {
    TestCertificates made = new TestCertificates(directory.resolve("ca")).leaf("old").leaf("new");
    Path certificate = directory.resolve("tls.pem");
    Path key = directory.resolve("tls-key.pem");
    Files.copy(made.certificate("old"), certificate);
    Files.copy(made.key("old"), key);
    String tls = "tls: {certificate: \"%s\", key: \"%s\"}".formatted(certificate, key);
    try (Origin origin = Origin.answering(OK);
        Logged logged = new Logged(CertificateWatch.class);
        TestProxy proxy = new TestProxy(directory.resolve("data"), origin.port(), tls)) {
      assertThat(get(made, proxy, "h2")).isEqualTo("h2 CN=old");
      assertThat(get(made, proxy, "http/1.1")).isEqualTo("http/1.1 CN=old");
      assertThat(get(made, proxy, "http/1.0")).isEqualTo("http/1.0 CN=old");
      assertThat(origin.heads().get(0)).contains("X-Forwarded-Proto: https");
      Files.copy(made.certificate("new"), certificate, StandardCopyOption.REPLACE_EXISTING);
      Await.until(() -> logged.has("is refused, the one in force stays"));
      assertThat(get(made, proxy, "h2")).isEqualTo("h2 CN=old");
      Files.copy(made.key("new"), key, StandardCopyOption.REPLACE_EXISTING);
      Await.until(() -> get(made, proxy, "h2").equals("h2 CN=new"));
      assertThat(get(made, proxy, "h2")).isEqualTo("h2 CN=new");
    }
  }

  @Test
  void clientAuthority_letsNobodyInWithoutACertificateItSigned() throws Exception {
    TestCertificates made = new TestCertificates(directory.resolve("ca")).leaf("server");
    String tls =
        "tls: {certificate: \"%s\", key: \"%s\", client-authority: \"%s\"}"
            .formatted(made.certificate("server"), made.key("server"), made.authority());
    try (Origin origin = Origin.answering(OK);
        TestProxy proxy = new TestProxy(directory.resolve("data"), origin.port(), tls)) {
      assertThatThrownBy(() -> get(made, proxy, "http/1.1"))
          .isInstanceOfAny(IOException.class, AssertionError.class);
      assertThat(origin.heads()).isEmpty();
    }
  }

  @Test
  void proxyProtocol_tellsTheCallersAddress_andNothingElseComesIn() throws Exception {
    byte[] v2 =
        new byte[] {
          0x0d,
          0x0a,
          0x0d,
          0x0a,
          0x00,
          0x0d,
          0x0a,
          0x51,
          0x55,
          0x49,
          0x54,
          0x0a,
          0x21,
          0x11,
          0,
          12,
          (byte) 203,
          0,
          113,
          7,
          127,
          0,
          0,
          1,
          0x30,
          0x39,
          0x1f,
          0x40
        };
    try (Origin origin = Origin.answering(OK);
        TestProxy proxy =
            new TestProxy(directory.resolve("data"), origin.port(), "proxy-protocol: true")) {
      assertThat(
              call(
                  proxy,
                  "PROXY TCP4 192.0.2.9 127.0.0.1 4711 8000\r\n"
                      .getBytes(StandardCharsets.US_ASCII)))
          .startsWith("HTTP/1.1 200");
      assertThat(call(proxy, v2)).startsWith("HTTP/1.1 200");
      assertThat(
              call(proxy, "PROXY TCP6 2001:db8::1 ::1 1 2\r\n".getBytes(StandardCharsets.US_ASCII)))
          .startsWith("HTTP/1.1 200");
      assertThat(origin.heads().get(0)).contains("X-Forwarded-For: 192.0.2.9\r\n");
      assertThat(origin.heads().get(1)).contains("X-Forwarded-For: 203.0.113.7\r\n");
      assertThat(origin.heads().get(2)).contains("Forwarded: for=\"[2001:db8:");
      assertThat(call(proxy, new byte[0])).doesNotContain("200");
      assertThat(call(proxy, "PROXY TCP4 nonsense\r\n".getBytes(StandardCharsets.US_ASCII)))
          .doesNotContain("200");
      assertThat(origin.heads()).hasSize(3);
    }
  }

  private static String call(TestProxy proxy, byte[] preface) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      client.out().write(preface);
      return client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").restOrReset();
    }
  }

  /** What is spoken after the handshake, and the name in the certificate; a call by HTTP/1.1. */
  private static String get(TestCertificates trusted, TestProxy proxy, String protocol)
      throws Exception {
    try (SSLSocket socket =
        (SSLSocket) trusting(trusted).getSocketFactory().createSocket("localhost", proxy.port())) {
      socket.setSoTimeout(30_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {protocol});
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      if (protocol.startsWith("http/")) {
        String version = protocol.toUpperCase(Locale.ROOT);
        String get = "GET / " + version + "\r\nHost: h\r\n\r\n";
        socket.getOutputStream().write(get.getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readNBytes(15);
        assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
      }
      Certificate shown = socket.getSession().getPeerCertificates()[0];
      return socket.getApplicationProtocol()
          + " "
          + ((X509Certificate) shown).getSubjectX500Principal();
    }
  }

  private static SSLContext trusting(TestCertificates certificates) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var in = Files.newInputStream(certificates.authority())) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[0], trust.getTrustManagers(), null);
    return context;
  }
}
