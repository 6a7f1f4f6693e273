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

/** What an intermediary does to a request's head (RFC 9110 section 7.6, RFC 9112 section 3). */
@Timeout(60)
class IntermediaryTest {
  private static Origin origin;
  private static ForwardBench stranger;
  private static ForwardBench trusting;

  @BeforeAll
  static void open() throws Exception {
    origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    stranger = new ForwardBench(origin.port(), "");
    trusting = new ForwardBench(origin.port(), "", "trusted-peers: [127.0.0.0/8]");
  }

  @AfterAll
  static void close() throws Exception {
    stranger.close();
    trusting.close();
    origin.close();
  }

  static Stream<Arguments> heads() {
    String host = " HTTP/1.1\r\nHost: h\r\n";
    return Stream.of(
        Arguments.of("OPTIONS *", "OPTIONS *" + host, "OPTIONS * HTTP/1.1\r\n", ""),
        Arguments.of(
            "OPTIONS, absolute form without path",
            "OPTIONS http://api.test" + host,
            "OPTIONS * HTTP/1.1\r\n",
            "Host: h\r\n"),
        Arguments.of(
            "absolute form names the host",
            "GET http://api.test:81/a?b" + host,
            "GET /a?b HTTP/1.1\r\nHost: api.test:81\r\n",
            "Host: h\r\n"),
        Arguments.of("absolute form, query only", "GET http://a?b" + host, "GET /?b ", ""),
        Arguments.of("absolute form, no path", "GET http://a" + host, "GET / HTTP/1.1", ""),
        Arguments.of(
            "one hop less", "TRACE /" + host + "Max-Forwards: 3\r\n", "Max-Forwards: 2\r\n", ""),
        Arguments.of(
            "hops mean nothing to GET",
            "GET /" + host + "Max-Forwards: 0\r\n",
            "Max-Forwards: 0\r\n",
            ""),
        Arguments.of(
            "a stranger's word is not passed on",
            "GET /"
                + host
                + "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n"
                + "Forwarded: for=6.6.6.6\r\n",
            "X-Forwarded-Host: h\r\n",
            "6.6.6.6"),
        Arguments.of(
            "nor with underscores, which some upstreams take for the same",
            "GET /"
                + host
                + "X_Forwarded_For: 6.6.6.6\r\nX-Forwarded_Proto: 6.6.6.6\r\nx_forwarded-host: 6.6.6.6\r\n",
            "X-Forwarded-For: 127.0.0.1\r\n",
            "6.6.6.6"),
        Arguments.of(
            "nominated fields stay here",
            "GET /" + host + "Connection: X-A, close\r\nX-A: 1\r\n",
            "GET / ",
            "X-A"),
        Arguments.of(
            "Host cannot be nominated away",
            "GET /" + host + "Connection: Host, close\r\n",
            "Host: h\r\n",
            "Connection"),
        Arguments.of(
            "HTTP/1.0 without Host", "GET / HTTP/1.0\r\n", "GET / HTTP/1.1\r\n", "Connection"),
        Arguments.of(
            "HTTP/1.0 without Host is for the upstream's address",
            "GET / HTTP/1.0\r\n",
            "\r\nHost: 127.0.0.1:" + origin.port() + "\r\n",
            "X-Forwarded-Host"),
        Arguments.of(
            "HTTP/1.0 without Host has none to tell",
            "GET / HTTP/1.0\r\n",
            "\r\nForwarded: for=127.0.0.1;proto=http\r\n",
            "host=\"\""),
        Arguments.of(
            "bytes beyond ASCII stay what they are",
            "GET /\u00c3\u00a9?q=\u00e9" + host,
            "GET /\u00c3\u00a9?q=\u00e9 HTTP/1.1\r\n",
            ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("heads")
  void head_goesUpstreamAs(String name, String request, String contains, String without)
      throws Exception {
    String passed = pass(stranger, request);
    assertThat(passed).containsIgnoringCase(contains);
    if (!without.isEmpty()) {
      assertThat(passed).doesNotContain(without);
    }
  }

  static Stream<Arguments> forwarded() {
    return Stream.of(
        Arguments.of("X-Forwarded-For: 1.1.1.1\r\n", "X-Forwarded-For: 1.1.1.1, 127.0.0.1\r\n"),
        Arguments.of(
            "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n",
            "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 127.0.0.1\r\n"),
        Arguments.of("X-Forwarded-Proto: https\r\n", "X-Forwarded-Proto: https\r\n"),
        Arguments.of("X-Forwarded-Host: api.test\r\n", "X-Forwarded-Host: api.test\r\n"),
        Arguments.of(
            "Forwarded: for=1.1.1.1\r\nForwarded: for=2.2.2.2\r\n",
            "Forwarded: for=1.1.1.1, for=2.2.2.2, for=127.0.0.1;proto=http;host=\"h\"\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forwarded")
  void trustedPeersWord_isContinued(String fields, String expected) throws Exception {
    assertThat(pass(trusting, "GET / HTTP/1.1\r\nHost: h\r\n" + fields)).contains(expected);
  }

  static Stream<Arguments> answeredHere() {
    return Stream.of(
        Arguments.of("OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n", "200"),
        Arguments.of("TRACE / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n", "501"),
        Arguments.of("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "501"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answeredHere")
  void lastHop_isAnsweredHere(String request, String status) throws Exception {
    int before = origin.heads().size();
    try (RawClient client = new RawClient(stranger.port())) {
      assertThat(client.send(request).response()).startsWith("HTTP/1.1 " + status);
    }
    assertThat(origin.heads()).hasSize(before);
  }

  @Test
  void answerWithoutADate_getsOne_andSoDoTheProxysOwn() throws Exception {
    try (RawClient client = new RawClient(stranger.port())) {
      String date =
          "(?s).*\r\n[Dd]ate: [A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n.*";
      String get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
      assertThat(client.send(get).response()).startsWith("HTTP/1.1 200").matches(date);
      String post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
      assertThat(client.send(post).response()).startsWith("HTTP/1.1 200").matches(date);
      assertThat(client.send("GET a HTTP/1.1\r\nHost: h\r\n\r\n").response())
          .startsWith("HTTP/1.1 400")
          .matches(date);
    }
  }

  private static String pass(ForwardBench bench, String head) throws Exception {
    List<String> heads = origin.heads();
    int before = heads.size();
    try (RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(head + "\r\n").response()).contains(" 200 ");
    }
    assertThat(heads).hasSize(before + 1);
    return heads.get(before);
  }
}
