package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

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
    bench = new ForwardBench(origin.port(), ", response-timeout: 1s, idle-timeout: 1s");
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
        named("CL sign", post + "Content-Length: +0\r\n\r\n"),
        named("CL hex", post + "Content-Length: 0x0\r\n\r\n"),
        named("CL negative", post + "Content-Length: -1\r\n\r\n"),
        named("TE identity", post + "Transfer-Encoding: identity\r\n\r\n"),
        named("TE chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        named("TE not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
        named("TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        named("space before colon", post + "Content-Length : 0\r\n\r\n"),
        named("NUL in value", post + "X: a\0b\r\nContent-Length: 0\r\n\r\n"),
        named("bare CR in value", post + "X: a\rb\r\nContent-Length: 0\r\n\r\n"),
        named("bare LF lines", "POST / HTTP/1.1\nHost: h\nContent-Length: 0\n\n"),
        named("no name", post + ": a\r\nContent-Length: 0\r\n\r\n"),
        named("chunk size 2^64", chunked + "10000000000000000\r\n0\r\n\r\n"),
        named("chunk size negative", chunked + "-1\r\n0\r\n\r\n"),
        named("chunk size not hex", chunked + "zz\r\n0\r\n\r\n"),
        named("chunk size 0x", chunked + "0x1\r\na\r\n0\r\n\r\n"),
        named("chunk size with LF only", chunked + "1\na\r\n0\r\n\r\n"),
        named("chunk without its end", chunked + "1\r\nabc\r\n0\r\n\r\n"),
        named("no Host", "GET / HTTP/1.1\r\n\r\n"),
        named("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        named("Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        named("target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("asterisk by GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        named("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
        named("unknown version", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"));
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
    assertThat(answers).matches("(?s)HTTP/1.[012] (400|501|505) .*");
    assertThat(answers.split("HTTP/1.[012] [0-9]{3} ", -1)).as("one answer").hasSize(2);
    List<String> passed = origin.heads().subList(before, origin.heads().size());
    assertThat(passed).noneMatch(head -> head.contains("/hidden"));
  }

  @Test
  void obsoleteFold_isReplacedBySpaces() throws Exception {
    try (RawClient client = new RawClient(bench.port())) {
      String head = "GET /folded HTTP/1.1\r\nHost: h\r\nX-Folded: a\r\n b\r\n\r\n";
      assertThat(client.send(head).response()).startsWith("HTTP/1.1 200");
    }
    assertThat(origin.heads()).anyMatch(head -> head.contains("\r\nX-Folded: a b\r\n"));
  }

  private static Arguments named(String name, String request) {
    return Arguments.of(name, request);
  }
}
