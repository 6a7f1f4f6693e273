package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One request in is never two requests out. Every case hides a second request behind the first. */
@Timeout(60)
class SmugglingTest {
  private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";

  private static Origin origin;
  private static ForwardBench bench;

  @BeforeAll
  static void open() throws Exception {
    origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    bench = new ForwardBench(origin.port(), ", response-timeout: 20s, idle-timeout: 20s");
  }

  @AfterAll
  static void close() throws Exception {
    bench.close();
    origin.close();
  }

  static Stream<Arguments> ambiguous() {
    String post = "POST / HTTP/1.1\r\nHost: h\r\n";
    String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    return Stream.of(
        named(
            "CL and TE", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        named(
            "TE and CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
        named("two CL", post + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
        named("CL list", post + "Content-Length: 0, 5\r\n\r\n"),
        named("CL list of the same", post + "Content-Length: 5, 5\r\n\r\nhello"),
        named("CL sign", post + "Content-Length: +5\r\n\r\nhello"),
        named("CL without a number", post + "Content-Length:\r\n\r\n"),
        named("CL beyond any", post + "Content-Length: 99999999999999999999\r\n\r\n"),
        named("CL of two numbers", post + "Content-Length: 0 5\r\n\r\n"),
        named("CL hex", post + "Content-Length: 0x0\r\n\r\n"),
        named("CL negative", post + "Content-Length: -1\r\n\r\n"),
        named("TE identity", post + "Transfer-Encoding: identity\r\n\r\n"),
        named("TE chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        named("TE coded", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        named(
            "TE in two lines",
            post + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        named("TE by a tab", post + "Transfer-Encoding:\tchunked, x\r\n\r\n0\r\n\r\n"),
        named("TE not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
        named("TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        named("space before colon", post + "Content-Length : 0\r\n\r\n"),
        named("NUL in value", post + "X: a\0b\r\nContent-Length: 0\r\n\r\n"),
        named("bare CR in value", post + "X: a\rb\r\nContent-Length: 0\r\n\r\n"),
        named("bare LF lines", "POST / HTTP/1.1\nHost: h\nContent-Length: 0\n\n"),
        named("CR for a space", "GET /x\rHTTP/1.1\r\nHost: h\r\n\r\n"),
        named("VT for a space", "GET\u000b/x\u000bHTTP/1.1\r\nHost: h\r\n\r\n"),
        named("FF for a space", "GET\f/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        named("TAB for a space", "GET\t/x\tHTTP/1.1\r\nHost: h\r\n\r\n"),
        named("two spaces", "GET  /x HTTP/1.1\r\nHost: h\r\n\r\n"),
        named("a space before", " GET /x HTTP/1.1\r\nHost: h\r\n\r\n"),
        named("a CR before", "\rGET /x HTTP/1.1\r\nHost: h\r\n\r\n"),
        named("an LF before", "\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n"),
        named("version 01.01", "GET /x HTTP/01.01\r\nHost: h\r\n\r\n"),
        named("version 1.01", "GET /x HTTP/1.01\r\nHost: h\r\n\r\n"),
        named("version in small letters", "GET /x http/1.1\r\nHost: h\r\n\r\n"),
        named("folded line", post + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
        named("folded by a tab", post + "X: a\r\n\tb\r\nContent-Length: 0\r\n\r\n"),
        named("folded length", post + "Content-Length:\r\n 4\r\n\r\nabcd"),
        named("space before the first field", "GET / HTTP/1.1\r\n X: a\r\nHost: h\r\n\r\n"),
        named("folded trailer", chunked + "0\r\nX: a\r\n b\r\n\r\n"),
        named("no name", post + ": a\r\nContent-Length: 0\r\n\r\n"),
        named("chunk size 2^64", chunked + "10000000000000000\r\n0\r\n\r\n"),
        named("chunk size of 100 digits", chunked + "f".repeat(100) + "\r\n0\r\n\r\n"),
        named("chunk size with a sign", chunked + "+1\r\na\r\n0\r\n\r\n"),
        named("chunk size empty", chunked + "\r\na\r\n0\r\n\r\n"),
        named("chunk size with a CR", chunked + "1\ra\r\n0\r\n\r\n"),
        named("chunk extension with a NUL", chunked + "1;a=\0\r\na\r\n0\r\n\r\n"),
        named("chunk extension with a bare LF", chunked + "1;a\na\r\n0\r\n\r\n"),
        named("chunk extension without its quote", chunked + "1;a=\"b\r\na\r\n0\r\n\r\n"),
        named("chunk size negative", chunked + "-1\r\n0\r\n\r\n"),
        named("chunk size not hex", chunked + "zz\r\n0\r\n\r\n"),
        named("chunk size 0x", chunked + "0x1\r\na\r\n0\r\n\r\n"),
        named("chunk size with LF only", chunked + "1\na\r\n0\r\n\r\n"),
        named("chunk extension without a name", chunked + "1;\r\na\r\n0\r\n\r\n"),
        named("last chunk's extension without a name", chunked + "1\r\na\r\n0;\r\n\r\n"),
        named("chunk without its end", chunked + "1\r\nabc\r\n0\r\n\r\n"),
        named("no Host", "GET / HTTP/1.1\r\n\r\n"),
        named("two same Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        named("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        named("Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        named("target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("asterisk by GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
        named("NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("control in the target", "GET /a\u0001b HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("escape in the target", "GET /a\u001bb HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("delete in the target", "GET /a?\u007f HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("tab in the target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("fragment in the target", "GET /admin#x HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("fragment in the query", "GET /?a#x HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("fragment of a URL", "GET http://a#x HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("URL without a host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("URL of nothing", "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
        named("address unclosed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        named("address of letters", "GET / HTTP/1.1\r\nHost: [zz]\r\n\r\n"),
        named("bad escape in Host", "GET / HTTP/1.1\r\nHost: %zz\r\n\r\n"),
        named("port without a host", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
        named("another major version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        named("a later major version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        named("another protocol", "GET / FOO/1.1\r\nHost: a\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ambiguous")
  void ambiguousRequest_isRefusedAndTheConnectionClosed(String name, String request)
      throws Exception {
    int before = origin.heads().size();
    String answers;
    try (RawClient client = new RawClient(bench.port())) {
      answers = client.send(request + HIDDEN).restOrReset();
    }
    assertThat(answers).matches("(?s)HTTP/1.[01] (400|501|505) .*");
    assertThat(answers.split("HTTP/1.[01] [0-9]{3} ", -1)).as("one answer").hasSize(2);
    List<String> passed = origin.heads().subList(before, origin.heads().size());
    assertThat(passed).noneMatch(head -> head.contains("/hidden"));
  }

  static Stream<Arguments> ambiguousOverHttp2() {
    return Stream.of(
        Arguments.of("a space in the path", "GET", "/a b"),
        Arguments.of("a tab in the path", "GET", "/a\tb"),
        Arguments.of("a second request in the path", "GET", "/a HTTP/1.1\r\nX: y\r\n\r\nGET /b"),
        Arguments.of("a fragment", "GET", "/admin#x"),
        Arguments.of("a path without a slash", "GET", "a"),
        Arguments.of("a URL for a path", "GET", "http://evil/x"),
        Arguments.of("an asterisk by GET", "GET", "*"),
        Arguments.of("a method with a space", "GET /hidden", "/"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ambiguousOverHttp2")
  void ambiguousRequestOverHttp2_isRefused_andItsConnectionGoesOn(
      String name, String method, String path) throws Exception {
    int before = origin.heads().size();
    try (Http2Peer caller = Http2Peer.caller(bench.port())) {
      assertThat(caller.open().head(head(method, path), true).next())
          .containsAnyOf(":status: 400", "RESET 1");
      assertThat(caller.open().head(head("GET", "/after"), true).next()).contains(":status: 200");
    }
    List<String> passed = origin.heads().subList(before, origin.heads().size());
    assertThat(passed).singleElement().asString().startsWith("GET /after ");
    Await.until(() -> bench.inFlight() == 0);
  }

  /** As it is: what a peer sends need not be valid. */
  private static Http2Headers head(String method, String path) {
    return new DefaultHttp2Headers(false).method(method).scheme("http").authority("h").path(path);
  }

  static Stream<Arguments> hosts() {
    return Stream.of(
        Arguments.of("a_b.example:80"),
        Arguments.of("[::1]:8000"),
        Arguments.of("127.0.0.1"),
        Arguments.of("x%2dy"),
        Arguments.of("a:"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hosts")
  void validHost_passes(String host) throws Exception {
    try (RawClient client = new RawClient(bench.port())) {
      client.send("GET /host HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 200");
    }
    assertThat(origin.heads()).anyMatch(head -> head.contains("\r\nX-Forwarded-Host: " + host));
  }

  /** RFC 9112, section 2.2. */
  @Test
  void emptyLinesBeforeARequest_areLeftOut() throws Exception {
    try (RawClient client = new RawClient(bench.port())) {
      for (int i = 0; i < 2; i++) {
        client.send("\r\n\r\nGET /empty HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void laterMinorVersion_isSpokenAs11() throws Exception {
    try (RawClient client = new RawClient(bench.port())) {
      for (int i = 0; i < 2; i++) {
        assertThat(client.send("GET /later HTTP/1.2\r\nHost: h\r\n\r\n").response())
            .startsWith("HTTP/1.1 200");
      }
    }
    assertThat(origin.heads()).anyMatch(head -> head.startsWith("GET /later HTTP/1.1\r\n"));
  }

  /** What stands in a body is nobody's field. */
  @Test
  void bodyWithLinesThatBeginWithSpaces_passes() throws Exception {
    try (RawClient client = new RawClient(bench.port())) {
      String body = "a\r\n b\n\tc";
      client.send("POST /spaces HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n" + body);
      assertThat(client.response()).startsWith("HTTP/1.1 200");
    }
  }

  private static Arguments named(String name, String request) {
    return Arguments.of(name, request);
  }
}
