package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.tollgate.proxy.caller.Defended;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 on raw sockets, both sides: what is on the wire is what is checked. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class ForwardingTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";

  @Test
  void get_passesWithTheCallersHostAndTarget() throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith("\r\n\r\nok");
      assertThat(origin.heads())
          .singleElement()
          .asString()
          .startsWith("GET /a?b=c HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: api.example.org\r\n")
          .contains("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http")
          .contains("Forwarded: for=127.0.0.1;proto=http;host=\"api.example.org\"");
      await(() -> bench.ends().contains("ANSWERED"));
    }
  }

  @Test
  void connectionsAreReused_onBothSides() throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      for (int i = 0; i < 50; i++) {
        assertThat(client.send(GET).response()).endsWith("ok");
      }
      assertThat(origin.accepted()).isEqualTo(1);
    }
  }

  @Test
  void pipelinedRequests_areAnsweredInOrder() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    String target = head.split(" ", 3)[1];
                    connection.send(
                        "HTTP/1.1 200 OK\r\nContent-Length: "
                            + target.length()
                            + "\r\n\r\n"
                            + target);
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
      }
      client.send(requests.toString());
      for (int i = 0; i < 20; i++) {
        assertThat(client.response()).endsWith("/" + i);
      }
    }
  }

  /** Vert.x's requests between those that go past it, and a first that keeps the others waiting. */
  @Test
  void pipelinedRequests_areAnsweredInOrder_howeverSlowTheFirst() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    String target = head.split(" ", 3)[1];
                    if (target.equals("/0")) {
                      Origin.take(go);
                    }
                    connection.read(head.startsWith("POST") ? 2 : 0);
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + target);
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port());
        RawClient other = new RawClient(bench.port())) {
      for (int i = 0; i < 6; i++) {
        client.send(
            i % 2 == 0
                ? "GET /" + i + " HTTP/1.1\r\nHost: h\r\n\r\n"
                : "POST /" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
      }
      await(() -> origin.open() == 1);
      other.send("GET /9 HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(other.response()).endsWith("/9");
      assertThat(client.in().available()).isZero();
      go.countDown();
      for (int i = 0; i < 6; i++) {
        assertThat(client.response()).startsWith("HTTP/1.1 200").endsWith("/" + i);
      }
    } finally {
      go.countDown();
    }
  }

  @Test
  void hopByHopAndForgedFields_doNotPass() throws Exception {
    try (Origin origin =
            Origin.answering(
                "HTTP/1.1 200 OK\r\n"
                    + "Connection: X-Secret\r\n"
                    + "X-Secret: 1\r\n"
                    + "Keep-Alive: timeout=5\r\n"
                    + "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                    + "Expires: 0\r\n"
                    + "Content-Length: 2\r\n\r\n"
                    + "ok");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      String response =
          client
              .send(
                  "GET / HTTP/1.1\r\nHost: h\r\nConnection: X-Mine, keep-alive\r\nX-Mine: 1\r\n"
                      + "Proxy-Connection: keep-alive\r\nTE: trailers, gzip\r\nKeep-Alive: 1\r\n"
                      + "X-Tollgate-Tenant: forged\r\nx_tollgate_plan: forged\r\n"
                      + "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Kept: yes\r\n\r\n")
              .response();
      assertThat(response)
          .contains("Date: Thu, 01 Jan 1970 00:00:00 GMT", "Expires: 0")
          .doesNotContainIgnoringCase("X-Secret")
          .doesNotContainIgnoringCase("Keep-Alive");
      assertThat(origin.heads().get(0))
          .contains("X-Kept: yes")
          .containsIgnoringCase("\r\nTE: trailers\r\n")
          .doesNotContain("X-Mine", "Proxy-Connection", "Keep-Alive", "forged", "6.6.6.6");
    }
  }

  @Test
  void chunkedBody_streamsWithoutWaitingForItsEnd() throws Exception {
    CountDownLatch firstSeen = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  assertThat(connection.head()).containsIgnoringCase("transfer-encoding: chunked");
                  assertThat(connection.read(8)).isEqualTo("3\r\nabc\r\n");
                  firstSeen.countDown();
                  assertThat(connection.read(13)).isEqualTo("3\r\ndef\r\n0\r\n\r\n");
                  connection.send(OK);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n");
      assertThat(firstSeen.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(client.send("3\r\ndef\r\n0\r\n\r\n").response()).endsWith("ok");
    }
  }

  @Test
  void chunkedAnswer_streamsAndTrailersPass() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(
                      "HTTP/1.1 200 OK\r\n"
                          + "Transfer-Encoding: chunked\r\n"
                          + "Trailer: X-Sum\r\n\r\n"
                          + "3\r\n"
                          + "abc\r\n");
                  assertThat(await(go)).isTrue();
                  connection.send("3\r\ndef\r\n0\r\nX-Sum: 6\r\n\r\n");
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).head()).containsIgnoringCase("transfer-encoding: chunked");
      assertThat(client.read(8)).isEqualTo("3\r\nabc\r\n");
      go.countDown();
      assertThat(client.read(8)).isEqualTo("3\r\ndef\r\n");
      assertThat(client.head()).isEqualTo("0\r\nX-Sum: 6\r\n\r\n");
    }
  }

  @Test
  void sse_headGoesOutBeforeAnyEvent() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
                  assertThat(await(go)).isTrue();
                  connection.send("data: 1\n\n");
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).head()).contains("text/event-stream");
      go.countDown();
      assertThat(client.read(14)).isEqualTo("9\r\ndata: 1\n\n\r\n");
      assertThat(client.read(5)).isEqualTo("0\r\n\r\n");
    }
  }

  @Test
  void expectContinue_endToEnd() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  assertThat(connection.head()).containsIgnoringCase("expect: 100-continue");
                  connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                  assertThat(connection.read(3)).isEqualTo("abc");
                  connection.send(OK);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 100 Continue\r\n");
      assertThat(client.send("abc").response()).endsWith("ok");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"417 Expectation Failed", "413 Content Too Large", "401 Unauthorized"})
  void expectContinue_refusedByTheOrigin_isToldWithoutTheBody(String status) throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
                  assertThat(connection.rest()).isEmpty();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.restOrReset()).startsWith("HTTP/1.1 " + status + "\r\n");
    }
  }

  @Test
  void everyInformationalAnswer_passesToBothHttps() throws Exception {
    String hints =
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: X-A\r\nX-A: 1\r\n\r\n";
    try (Origin origin = Origin.answering("HTTP/1.1 102 Processing\r\n\r\n" + hints + hints + OK);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port());
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      assertThat(client.send(GET).head()).isEqualTo("HTTP/1.1 102 Processing\r\n\r\n");
      for (int i = 0; i < 2; i++) {
        assertThat(client.head()).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
      }
      assertThat(client.response()).startsWith("HTTP/1.1 200").endsWith("ok");
      Http2Peer.Stream stream =
          caller
              .open()
              .head(
                  new DefaultHttp2Headers().method("GET").scheme("http").authority("h").path("/"),
                  true);
      assertThat(stream.next()).contains(":status: 102");
      assertThat(stream.next()).contains(":status: 103", "link: </a.css>").doesNotContain("x-a");
      assertThat(stream.next()).contains(":status: 103");
      assertThat(stream.next()).contains(":status: 200");
      assertThat(stream.next()).isEqualTo("DATA ok");
    }
  }

  @Test
  void earlyHints_passBeforeTheAnswer() throws Exception {
    try (Origin origin =
            Origin.answering("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + OK);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).head()).startsWith("HTTP/1.1 103").contains("Link: </a.css>");
      assertThat(client.response()).startsWith("HTTP/1.1 200").endsWith("ok");
    }
  }

  @Test
  void head_keepsTheLengthAndHasNoBody() throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      for (int i = 0; i < 2; i++) {
        assertThat(client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").head())
            .startsWith("HTTP/1.1 200 OK")
            .containsIgnoringCase("content-length: 1000");
      }
      assertThat(origin.accepted()).isEqualTo(1);
    }
  }

  @Test
  void noContentAndNotModified_haveNoFraming() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send("HTTP/1.1 204 No Content\r\n\r\n");
                  connection.head();
                  connection.send("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
                  connection.head();
                  connection.send(OK);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).head())
          .startsWith("HTTP/1.1 204")
          .doesNotContainIgnoringCase("content-length")
          .doesNotContainIgnoringCase("transfer-encoding");
      assertThat(client.send(GET).head())
          .startsWith("HTTP/1.1 304")
          .contains("ETag: \"1\"")
          .doesNotContainIgnoringCase("transfer-encoding");
      assertThat(client.send(GET).response()).endsWith("ok");
    }
  }

  static Stream<Arguments> bodiesPromised() {
    String length = "Content-Length: 1000\r\n\r\n";
    String chunked = "Transfer-Encoding: chunked\r\n\r\n";
    return Stream.of(
        Arguments.of("HEAD", "200 OK", length),
        Arguments.of("HEAD", "200 OK", chunked),
        Arguments.of("HEAD", "404 Not Found", length),
        Arguments.of("GET", "304 Not Modified", length),
        Arguments.of("GET", "304 Not Modified", chunked),
        Arguments.of("GET", "204 No Content", "Content-Length: 5\r\n\r\n"),
        Arguments.of("GET", "204 No Content", chunked));
  }

  /** Neither side waits for it, and the next answer is the next request's, also over HTTP/2. */
  @ParameterizedTest
  @MethodSource("bodiesPromised")
  void bodyThatIsPromisedAndNeverComes_isNotWaitedFor(String method, String status, String fields)
      throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 " + status + "\r\n" + fields);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port());
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      for (int i = 0; i < 2; i++) {
        client.send(method + " / HTTP/1.1\r\nHost: h\r\n\r\n");
        String head = client.head();
        assertThat(head).startsWith("HTTP/1.1 " + status);
        if (status.startsWith("204")) {
          assertThat(head).doesNotContainIgnoringCase("\r\ncontent-length");
        }
      }
      Http2Peer.Stream stream =
          caller
              .open()
              .head(
                  new DefaultHttp2Headers().method(method).scheme("http").authority("h").path("/"),
                  true);
      assertThat(stream.next()).contains(":status: " + status.substring(0, 3));
      assertThat(stream.next()).isEqualTo("END");
      assertThat(origin.accepted()).isEqualTo(1);
    }
  }

  @Test
  void http10Caller_getsBodyUntilClose() throws Exception {
    try (Origin origin =
            Origin.answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send("GET / HTTP/1.0\r\n\r\n").rest())
          .endsWith("\r\n\r\nabc")
          .doesNotContainIgnoringCase("transfer-encoding");
    }
  }

  @Test
  void http10Origin_closeDelimitedBodyStreams() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send("HTTP/1.0 200 OK\r\n\r\nabc");
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).head()).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void absoluteForm_becomesOriginFormAndItsHost() throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send("GET http://real.example.org:81/x?y HTTP/1.1\r\nHost: other\r\n\r\n").response();
      client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").response();
      assertThat(origin.heads().get(0))
          .startsWith("GET /x?y HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: real.example.org:81\r\n")
          .doesNotContain("other");
      assertThat(origin.heads().get(1)).startsWith("OPTIONS * HTTP/1.1\r\n");
    }
  }

  @Test
  void staleConnection_isRetriedOnceForGet() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(OK);
                  connection.head(); // and closes without an answer
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(origin.accepted()).isEqualTo(2);
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 502").contains("closed the connection");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "foo, close", "close, foo", "foo\r\nConnection: close"})
  void connectionField_thatSaysCloseAnywhere_closesAfterTheAnswer(String says) throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\nFoo: 1\r\nConnection: " + says + "\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.1 200").endsWith("ok");
      assertThat(origin.heads().get(0).contains("Foo: ")).isEqualTo(!says.contains("foo"));
    }
  }

  @Test
  void postThatAsksToUpgrade_isAnsweredWithoutIt() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  String head = connection.head();
                  connection.send(
                      head.contains("pgrade")
                          ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                              + "Upgrade: tcp\r\n\r\n"
                          : OK);
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
              + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 200").endsWith("ok");
    }
  }

  static Stream<Arguments> surplus() {
    String stolen = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstole";
    return Stream.of(
        Arguments.of("GET", OK + stolen),
        Arguments.of("GET", OK + "HTTP/1.1 200"),
        Arguments.of("GET", OK + "x"),
        Arguments.of("HEAD", OK),
        Arguments.of("GET", "HTTP/1.1 204 No Content\r\n\r\n" + stolen),
        Arguments.of("GET", "HTTP/1.1 304 Not Modified\r\n\r\nhi" + stolen),
        Arguments.of(
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + stolen));
  }

  @ParameterizedTest
  @MethodSource("surplus")
  void bytesBehindAnAnswer_areNobodysAnswer(String method, String answer) throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (Origin origin =
            new Origin(
                connection -> {
                  boolean first = connections.getAndIncrement() == 0;
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    connection.send(
                        first ? answer : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine");
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient one = new RawClient(bench.port());
        RawClient other = new RawClient(bench.port())) {
      one.send(method + " / HTTP/1.1\r\nHost: h\r\n\r\n").response(method.equals("HEAD"));
      for (int i = 0; i < 3; i++) {
        assertThat(other.send(GET).response()).endsWith("\r\n\r\nmine");
      }
      assertThat(connections).hasValue(2);
    }
  }

  @Test
  void bytesWhileNobodyAsks_closeTheirConnection() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  if (connections.getAndIncrement() == 0) {
                    connection.send(OK);
                    assertThat(await(answered)).isTrue();
                    connection.send("H");
                    connection.rest();
                  } else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine");
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).endsWith("ok");
      answered.countDown();
      await(() -> origin.open() == 0);
      assertThat(client.send(GET).response()).endsWith("mine");
    }
  }

  @Test
  void originDown_is502NamingTheCause() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    try (ForwardBench bench = new ForwardBench(port, "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 502 Bad Gateway")
          .contains("application/problem+json", "\"status\":502", "could not be opened");
      await(() -> bench.ends().contains("FAILED CONNECT"));
    }
  }

  @Test
  void originSilent_is504() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), ", response-timeout: 200ms");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 504").contains("in time");
      await(() -> origin.open() == 0);
    }
  }

  @Test
  void originStallsInTheMiddle_cutsTheCallerOff() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), ", idle-timeout: 200ms");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).restOrReset()).endsWith("\r\n\r\nabc");
      await(() -> bench.ends().contains("CUT_OFF IDLE_TIMEOUT"));
    }
  }

  @Test
  void originAnswersNonsense_is502() throws Exception {
    try (Origin origin = Origin.answering("no http at all\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502").contains("not valid HTTP");
    }
  }

  @Test
  void callerLeaves_upstreamIsCancelled() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        client.send(GET);
        await(() -> origin.open() == 1);
      }
      await(() -> origin.open() == 0 && bench.inFlight() == 0);
      await(() -> bench.ends().equals(List.of("ABORTED")));
    }
  }

  @Test
  void thousandCallersLeave_nothingLeaks() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), ", keep-alive: 200ms")) {
      for (int i = 0; i < 1000; i++) {
        try (RawClient client = new RawClient(bench.port())) {
          client.send(GET);
        }
      }
      await(() -> bench.inFlight() == 0);
      await(() -> origin.open() == 0); // also those opened for callers that had left meanwhile
    }
  }

  @Test
  void largeBodies_passInBothDirections() throws Exception {
    int size = 64 << 20;
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.in().skipNBytes(size);
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                  byte[] piece = new byte[1 << 16];
                  for (int sent = 0; sent < size; sent += piece.length) {
                    connection.out().write(piece);
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
      byte[] piece = new byte[1 << 16];
      for (int sent = 0; sent < size; sent += piece.length) {
        client.out().write(piece);
      }
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      client.in().skipNBytes(size);
    }
  }

  @Test
  void answerInTheMiddleOfAnUpload_reachesACallerThatStillSends() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.read(10_000);
                  connection.send(
                      "HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n"
                          + "Connection: close\r\n\r\ntoo big");
                  assertThat(await(answered)).isTrue(); // and reads no more
                });
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {idle-timeout: 3s}");
        RawClient client = new RawClient(bench.port())) {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    byte[] piece = new byte[64 << 10];
                    try {
                      while (true) {
                        client.out().write(piece);
                      }
                    } catch (IOException closedOn) {
                      answered.countDown();
                    }
                  });
      assertThat(client.response())
          .startsWith("HTTP/1.1 413 Content Too Large")
          .endsWith("\r\n\r\ntoo big");
      sender.join(20_000);
      assertThat(sender.isAlive()).isFalse();
      await(() -> origin.open() == 0 && bench.inFlight() == 0);
      await(() -> bench.ends().equals(List.of("ANSWERED")));
    }
  }

  @Test
  void bodyThatStopsInTheMiddle_is408() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), ", idle-timeout: 200ms");
        RawClient client = new RawClient(bench.port())) {
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
      assertThat(client.restOrReset()).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void bodyThatComesTooSlowly_is408() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {body-rate: 1KiB}");
        RawClient client = new RawClient(bench.port())) {
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
      String answer = "";
      for (int i = 0; i < 60 && answer.isEmpty(); i++) {
        client.send("drop by drop");
        Thread.sleep(250);
        answer = client.in().available() > 0 ? client.head() : "";
      }
      assertThat(answer).startsWith("HTTP/1.1 408");
      assertThat(bench.defended()).containsExactly(Defended.SLOW_BODY);
      await(() -> bench.inFlight() == 0 && origin.open() == 0);
    }
  }

  @Test
  void answerThatIsNotRead_isCutOff() throws Exception {
    try (Origin origin = endless();
        ForwardBench bench = new ForwardBench(origin.port(), ", idle-timeout: 300ms");
        RawClient client = new RawClient(bench.port())) {
      client.send(GET);
      await(() -> bench.defended().contains(Defended.SLOW_READER));
      await(() -> bench.inFlight() == 0 && origin.open() == 0);
    }
  }

  @Test
  void tooManyAnswersUnread_theOldestMakeRoom() throws Exception {
    try (Origin origin = endless();
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}")) {
      List<RawClient> readers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        readers.add(new RawClient(bench.port()).send(GET));
      }
      await(() -> bench.defended().size() == 2 && bench.inFlight() == 8);
      assertThat(bench.defended()).containsOnly(Defended.MEMORY);
      for (RawClient reader : readers) {
        reader.close();
      }
      await(() -> bench.inFlight() == 0);
    }
  }

  private static Origin endless() throws Exception {
    return new Origin(
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
          byte[] piece = new byte[1 << 16];
          while (true) {
            connection.out().write(piece);
          }
        });
  }

  @Test
  void failuresInARow_openTheBreaker() throws Exception {
    try (Origin origin = new Origin(connection -> connection.head());
        ForwardBench bench =
            new ForwardBench(
                origin.port(),
                ", breaker: {calls: 5, open-for: 1h}, retries: {percent: 0, per-second: 0}")) {
      for (int i = 0; i < 5; i++) {
        try (RawClient client = new RawClient(bench.port())) {
          assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502");
        }
      }
      try (RawClient client = new RawClient(bench.port())) {
        assertThat(client.send(GET).response())
            .startsWith("HTTP/1.1 503")
            .contains("failed too often");
      }
    }
  }

  @Test
  void webSocketUpgrade_bytesPassBothWays() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  assertThat(connection.head())
                      .containsIgnoringCase("connection: upgrade")
                      .containsIgnoringCase("upgrade: websocket")
                      .contains("Sec-WebSocket-Key: x");
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\nhello");
                  assertThat(connection.read(4)).isEqualTo("ping");
                  connection.send("pong");
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        client.send(
            "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: x\r\n\r\n");
        assertThat(client.head())
            .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
            .contains("Sec-WebSocket-Accept: y");
        assertThat(client.read(5)).isEqualTo("hello");
        assertThat(client.send("ping").rest()).isEqualTo("pong");
      }
      await(() -> bench.ends().contains("TUNNELLED"));
    }
  }

  @Test
  void upgradedCallerLeaves_whatItSentBeforeArrives() throws Exception {
    int size = 8 << 20;
    CountDownLatch whole = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: x\r\n\r\n");
                  byte[] piece = new byte[1 << 16];
                  long read = 0;
                  for (int n = 0; n >= 0; n = connection.in().read(piece)) {
                    read += n;
                    if (read % 8 == 0) {
                      Thread.onSpinWait(); // slower than the caller
                    }
                  }
                  if (read == size) {
                    whole.countDown();
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        assertThat(client.head()).startsWith("HTTP/1.1 101");
        client.out().write(new byte[size]);
      }
      assertThat(whole.await(20, TimeUnit.SECONDS)).isTrue();
      await(() -> bench.inFlight() == 0 && origin.open() == 0);
    }
  }

  @Test
  void webSocketUpgradeRefused_keepsStatusFieldsAndBody() throws Exception {
    try (Origin origin =
            Origin.answering("HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 403").contains("X-Why: no").endsWith("no");
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 403");
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 2000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
