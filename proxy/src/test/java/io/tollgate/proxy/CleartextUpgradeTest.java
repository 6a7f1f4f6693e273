package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/1.1 that asks for HTTP/2 in clear text (RFC 7540, section 3.2; withdrawn by RFC 9113), as
 * the JDK's client does by default with its first request: it is answered by HTTP/1.1, and nothing
 * gets past what HTTP/1.1 is checked for.
 */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class CleartextUpgradeTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String UPGRADE =
      "Host: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
          + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n";
  private static final String BODY = "a body whose end is told";

  @TempDir Path directory;

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of("GET", Named.of("no body", BodyPublishers.noBody()), ""),
        Arguments.of("POST", Named.of("no body", BodyPublishers.noBody()), ""),
        Arguments.of("POST", Named.of("a length", BodyPublishers.ofString(BODY)), BODY),
        Arguments.of(
            "POST",
            Named.of(
                "no length",
                BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(BODY.getBytes(StandardCharsets.UTF_8)))),
            BODY));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("requests")
  void requestThatWouldUpgrade_arrivesWhole_andTheConnectionGoesOn(
      String method, BodyPublisher publisher, String body) throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    bodies.add(body(connection, head));
                    connection.send(OK);
                  }
                });
        TestProxy proxy = new TestProxy(directory.resolve("data"), origin.port(), "");
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 2; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/"))
                .method(method, publisher)
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("ok");
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
      }
      assertThat(bodies).containsExactly(body, body);
      assertThat(origin.accepted()).isEqualTo(1);
    }
  }

  static Stream<Arguments> ambiguous() {
    String post = "POST / HTTP/1.1\r\n" + UPGRADE;
    return Stream.of(
        Arguments.of(
            "CL and TE", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Arguments.of("two CL", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
        Arguments.of("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\n" + UPGRADE + "\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ambiguous")
  void ambiguousRequestThatWouldUpgrade_is400(String name, String request) throws Exception {
    try (Origin origin = Origin.answering(OK);
        TestProxy proxy = new TestProxy(directory.resolve("data"), origin.port(), "");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send(request).restOrReset()).startsWith("HTTP/1.1 400 ");
      assertThat(origin.heads()).isEmpty();
    }
  }

  @Test
  void upgrade_isIgnored_alsoBehindAProxyHeader_andDoesNotGoUpstream() throws Exception {
    try (Origin origin = Origin.answering(OK);
        TestProxy proxy =
            new TestProxy(directory.resolve("data"), origin.port(), "proxy-protocol: true");
        RawClient client = new RawClient(proxy.port())) {
      client.send("PROXY TCP4 192.0.2.9 127.0.0.1 4711 8000\r\n");
      for (int i = 0; i < 2; i++) {
        assertThat(client.send("GET / HTTP/1.1\r\n" + UPGRADE + "\r\n").response())
            .startsWith("HTTP/1.1 200 OK");
      }
      assertThat(origin.heads())
          .hasSize(2)
          .allMatch(head -> head.contains("X-Forwarded-For: 192.0.2.9\r\n"))
          .noneMatch(head -> head.toLowerCase(Locale.ROOT).contains("h2c"))
          .noneMatch(head -> head.toLowerCase(Locale.ROOT).contains("http2-settings"));
    }
  }

  private static String body(Origin.Connection connection, String head) throws IOException {
    if (!head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
      String length = field(head, "content-length: ");
      return length.isEmpty() ? "" : connection.read(Integer.parseInt(length));
    }
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(connection), 16);
      body.append(connection.read(size));
      connection.read(2);
      if (size == 0) {
        return body.toString();
      }
    }
  }

  private static String field(String head, String name) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name, 0, name.length()))
        .map(line -> line.substring(name.length()))
        .findFirst()
        .orElse("");
  }

  private static String line(Origin.Connection connection) throws IOException {
    StringBuilder line = new StringBuilder();
    for (String next = connection.read(1); !next.equals("\r"); next = connection.read(1)) {
      if (next.isEmpty()) {
        throw new EOFException();
      }
      line.append(next);
    }
    connection.read(1);
    return line.toString();
  }
}
