package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a caller learns that an answer is whole, or that it is not; and that it gets it at all. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class AnswerEndTest {
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String TOO_LARGE = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
  private static final int LARGE = 8 << 20;
  private static final int PIECE = 1 << 16;
  private static final String RESET_BY_INTERNAL_ERROR = "RESET 2";

  @Test
  void http10KeepAlive_streamedWithoutLength_endsByClose() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(CHUNKED + "5\r\nhello\r\n");
                  Origin.take(go);
                  connection.send("5\r\nworld\r\n0\r\n\r\n");
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(client.head())
          .startsWith("HTTP/1.1 200 OK\r\n")
          .containsIgnoringCase("connection: close")
          .doesNotContainIgnoringCase("keep-alive");
      assertThat(client.read(5)).isEqualTo("hello");
      go.countDown();
      assertThat(client.rest()).isEqualTo("world");
    }
  }

  /** RFC 9110, section 2.5: the version is that of who answers, the framing that of who asked. */
  @Test
  void http10_isAnsweredInTheVersionSpokenHere_andTheConnectionCloses() throws Exception {
    try (Origin origin = Origin.answering(CHUNKED + "2\r\nok\r\n0\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      for (String target : new String[] {"/", "nowhere"}) {
        try (RawClient client = new RawClient(bench.port())) {
          assertThat(client.send("GET " + target + " HTTP/1.0\r\n\r\n").rest())
              .startsWith("HTTP/1.1 " + (target.equals("/") ? "200" : "400"))
              .containsIgnoringCase("\r\nconnection: close\r\n")
              .doesNotContainIgnoringCase("transfer-encoding");
        }
      }
    }
  }

  @Test
  void http10KeepAlive_withLength_keepsTheConnection() throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      for (int i = 0; i < 3; i++) {
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assertThat(client.response())
            .startsWith("HTTP/1.1 200")
            .containsIgnoringCase("connection: keep-alive")
            .endsWith("\r\n\r\nok");
      }
    }
  }

  @Test
  void earlyAnswerToALargeUpload_isReadByACallerThatSendsOn() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(TOO_LARGE);
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + LARGE + "\r\n\r\n");
      Await.until(() -> bench.ends().contains("ANSWERED"));
      sendLarge(client);
      assertThat(client.rest())
          .startsWith("HTTP/1.1 413 Too Large\r\n")
          .containsIgnoringCase("\r\nconnection: close\r\n")
          .endsWith("\r\n\r\nbig");
    }
  }

  @Test
  void malformedRequest_isAnsweredToACallerThatSendsOn() throws Exception {
    try (Origin origin = new Origin(Origin.Connection::rest);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n");
      sendLarge(client);
      assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void truncatedAnswer_isNoWholeOneToHttp2() throws Exception {
    for (String half :
        new String[] {
          CHUNKED + "5\r\nhello\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"
        }) {
      try (Origin origin =
              new Origin(
                  connection -> {
                    connection.head();
                    connection.send(half);
                  });
          ForwardBench bench = new ForwardBench(origin.port(), "");
          Http2Peer caller = Http2Peer.caller(bench.port())) {
        Http2Peer.Stream stream = caller.open().head(get("/"), true);
        assertThat(stream.next()).contains(":status: 200");
        assertThat(stream.next()).isEqualTo("DATA hello");
        assertThat(stream.next()).isEqualTo(RESET_BY_INTERNAL_ERROR);
        Await.until(() -> bench.ends().contains("CUT_OFF CLOSED"));
      }
    }
  }

  @Test
  void answerResetWithoutAnError_isNoWholeOneToHttp2() throws Exception {
    try (Http2Peer origin = Http2Peer.origin(stream -> {});
        ForwardBench bench = new ForwardBench(origin.port(), ", protocol: http2");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(get("/"), true);
      Await.until(() -> origin.streams().size() == 1);
      Http2Peer.Stream answer = origin.streams().get(0);
      answer.head(new DefaultHttp2Headers().status("200"), false).data("hello", false);
      assertThat(stream.next()).contains(":status: 200");
      assertThat(stream.next()).isEqualTo("DATA hello");
      answer.reset(0);
      assertThat(stream.next()).isEqualTo(RESET_BY_INTERNAL_ERROR);
    }
  }

  private static Http2Headers get(String path) {
    return new DefaultHttp2Headers().method("GET").scheme("http").authority("h").path(path);
  }

  private static void sendLarge(RawClient client) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int sent = 0; sent < LARGE; sent += PIECE) {
      client.out().write(piece);
    }
    client.out().flush();
  }
}
