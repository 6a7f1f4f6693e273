package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.tollgate.proxy.forward.Http2Peer;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every answer says how its body ends (RFC 9112, section 6.3), whatever is metered, however the
 * answer comes and whoever asks: the next answer on the connection is the next request's.
 */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class AnswerFramingTest {
  private static final String ROUTES =
      """
      routes:
        - {name: calls, match: {path: "/calls/**"}}
        - {name: bytes, match: {path: "/bytes/**"}, meters: {calls: 1, out: {of: response-bytes}}}
        - {name: messages, match: {path: "/messages/**"}, meters: {out: {of: messages-received}}}
        - {name: events, match: {path: "/events/**"}, meters: {out: {of: events}}}
        - {name: said, match: {path: "/said/**"}, meters: {u: {of: response-field, field: X-Units}}}
        - {name: grpc, match: {path: "/grpc/**"}, billed: [2xx, grpc-0]}
      """;

  private static final List<String> METERS =
      List.of("calls", "bytes", "messages", "events", "said", "grpc");

  /** What an origin sends, a string for each write; {@code TYPE} is where a content type may be. */
  private static final Map<String, List<String>> ANSWERS =
      Map.ofEntries(
          Map.entry("chunked at once", List.of(chunked("") + "3\r\nodd\r\n0\r\n\r\n")),
          Map.entry(
              "chunked, two at once", List.of(chunked("") + "1\r\no\r\n2\r\ndd\r\n0\r\n\r\n")),
          Map.entry("chunked, head first", List.of(chunked(""), "3\r\nodd\r\n0\r\n\r\n")),
          Map.entry("chunked, end last", List.of(chunked("") + "3\r\nodd\r\n", "0\r\n\r\n")),
          Map.entry("chunked, empty", List.of(chunked("") + "0\r\n\r\n")),
          Map.entry(
              "chunked, with trailers", List.of(chunked("") + "3\r\nodd\r\n0\r\nX-Sum: 3\r\n\r\n")),
          Map.entry(
              "chunked, trailers last",
              List.of(chunked("") + "3\r\nodd\r\n", "0\r\nX-Sum: 3\r\n\r\n")),
          Map.entry(
              "chunked, large",
              List.of(chunked("") + "1f40\r\n" + "a".repeat(8000) + "\r\n0\r\n\r\n")),
          Map.entry("with length", List.of("HTTP/1.1 200 OK\r\nTYPEContent-Length: 3\r\n\r\nodd")),
          Map.entry(
              "with length, body later",
              List.of("HTTP/1.1 200 OK\r\nTYPEContent-Length: 3\r\n\r\n", "odd")),
          Map.entry("204", List.of("HTTP/1.1 204 No Content\r\nTYPE\r\n")),
          Map.entry("304", List.of("HTTP/1.1 304 Not Modified\r\nTYPEContent-Length: 9\r\n\r\n")),
          Map.entry("205", List.of("HTTP/1.1 205 Reset Content\r\nTYPEContent-Length: 0\r\n\r\n")),
          Map.entry("until it closes", List.of("HTTP/1.1 200 OK\r\nTYPE\r\nodd", "CLOSE")));

  @TempDir static Path directory;
  private static Origin origin;
  private static TestProxy proxy;

  @BeforeAll
  static void open() throws Exception {
    origin = new Origin(AnswerFramingTest::serve);
    proxy = new TestProxy(directory.resolve("data"), origin.port(), "", "", 2, ROUTES);
  }

  @AfterAll
  static void close() throws Exception {
    proxy.close();
    origin.close();
  }

  private static String chunked(String fields) {
    return "HTTP/1.1 200 OK\r\nTYPETransfer-Encoding: chunked\r\n" + fields + "\r\n";
  }

  /** Answers as the target says: {@code /METER/TYPE/NAME}. */
  private static void serve(Origin.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      String[] target = head.split(" ", 3)[1].replace("%20", " ").split("/", 4);
      String type = target[2].equals("none") ? "" : "Content-Type: " + target[2] + "/x\r\n";
      for (String piece : ANSWERS.getOrDefault(target[3], List.of())) {
        if (piece.equals("CLOSE")) {
          return;
        }
        String said = piece.replace("TYPE", type);
        if (head.startsWith("HEAD")) {
          connection.send(said.substring(0, said.indexOf("\r\n\r\n") + 4));
          break;
        }
        connection.send(said);
        pause();
      }
    }
  }

  /** So that two writes are two reads, mostly; nothing depends on it. */
  private static void pause() throws IOException {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  static Stream<String> meters() {
    return METERS.stream();
  }

  @ParameterizedTest
  @MethodSource("meters")
  void everyAnswer_saysHowItEnds(String meter) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (String name : ANSWERS.keySet()) {
      for (String type : List.of("none", "text")) {
        String target = "/" + meter + "/" + type + "/" + name.replace(" ", "%20");
        for (String method : List.of("GET", "HEAD")) {
          for (String version : List.of("1.1", "1.0")) {
            for (String connection : List.of("", "close", "keep-alive")) {
              String request =
                  "%s %s HTTP/%s\r\nHost: h\r\n%s\r\n"
                      .formatted(
                          method,
                          target,
                          version,
                          connection.isEmpty() ? "" : "Connection: " + connection + "\r\n");
              String seen = ask(request, method.equals("HEAD"));
              if (!seen.equals(body(name, method))) {
                wrong.add(request.replace("\r\n", " | ") + "-> " + seen);
              }
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static String body(String name, String method) {
    boolean none = method.equals("HEAD") || name.matches("20[45]|304|.*empty");
    return none ? "" : name.endsWith("large") ? "a".repeat(8000) : "odd";
  }

  /** The body as the answer itself says it ends; where it keeps the connection, of the second. */
  private static String ask(String request, boolean headOnly) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      String head = client.send(request + request).head();
      String first = body(client, head, headOnly);
      if (closes(head)) {
        return client.restOrReset().isEmpty() ? first : "more than was said";
      }
      String next = client.head();
      if (!next.startsWith("HTTP/1.")) {
        return first + ", then: " + next;
      }
      String second = body(client, next, headOnly);
      return first.equals(second) ? first : first + ", then " + second;
    }
  }

  private static boolean closes(String head) {
    return head.toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n");
  }

  private static String body(RawClient client, String head, boolean headOnly) throws IOException {
    String lower = head.toLowerCase(Locale.ROOT);
    if (headOnly || lower.matches("(?s)http/1.1 (204|304) .*")) {
      return "";
    }
    int length = lower.indexOf("\r\ncontent-length: ");
    if (lower.contains("\r\ntransfer-encoding: chunked\r\n")) {
      return chunks(client);
    }
    if (length >= 0) {
      String digits = lower.substring(length + 18, lower.indexOf('\r', length + 18));
      return client.read(Integer.parseInt(digits));
    }
    return closes(head) ? client.rest() : "nothing says how it ends: " + head;
  }

  private static String chunks(RawClient client) throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(client), 16);
      if (size == 0) {
        while (!line(client).isEmpty()) {
          // trailers
        }
        return body.toString();
      }
      body.append(client.read(size));
      line(client);
    }
  }

  private static String line(RawClient client) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = client.in().read(); b >= 0 && b != '\n'; b = client.in().read()) {
      line.append((char) b);
    }
    return line.toString().strip();
  }

  /** Who asks for a trailer that is not there makes none. */
  @ParameterizedTest
  @MethodSource("meters")
  void answerToHttp2_endsAsItCame(String meter) throws Exception {
    try (Http2Peer caller = Http2Peer.caller(proxy.port())) {
      for (String name : ANSWERS.keySet()) {
        Http2Peer.Stream stream =
            caller
                .open()
                .head(
                    new DefaultHttp2Headers()
                        .method("GET")
                        .scheme("http")
                        .authority("h")
                        .path("/" + meter + "/none/" + name.replace(" ", "%20")),
                    true);
        assertThat(stream.next()).as(name).startsWith("HEAD ").contains(":status: ");
        StringBuilder body = new StringBuilder();
        int heads = 0;
        for (String event = stream.next(); !event.equals("END"); event = stream.next()) {
          assertThat(event).as(name).matches("(?s)(DATA|HEAD) .*");
          heads += event.startsWith("HEAD ") ? 1 : 0;
          body.append(event.startsWith("DATA ") ? event.substring(5) : "");
        }
        assertThat(body).as(name).hasToString(body(name, "GET"));
        assertThat(heads).as(name).isEqualTo(name.contains("trailers") ? 1 : 0);
      }
    }
  }
}
