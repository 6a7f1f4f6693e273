package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes between HTTP/1.1 on raw sockets, both sides: what is on the wire is checked. */
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
      Await.until(() -> bench.ends().contains("ANSWERED"));
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
      Await.until(() -> origin.open() == 1);
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
                  Origin.take(go);
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
                  Origin.take(go);
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
}
