package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where an answer ends on its connection upstream: what is promised and never comes, and what comes
 * unasked.
 */
@Timeout(60)
class AnswerBoundsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";

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
                    Origin.take(answered);
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
      Await.until(() -> origin.open() == 0);
      assertThat(client.send(GET).response()).endsWith("mine");
    }
  }
}
