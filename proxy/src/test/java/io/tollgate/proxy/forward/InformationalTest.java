package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers before the answer, and callers that wait for one with their body. */
@Timeout(60)
class InformationalTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";

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
}
