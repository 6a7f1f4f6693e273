package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trailers pass both ways, whichever HTTP is spoken on either side. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class TrailersTest {
  private static final String BODY = "3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n";

  /** What came to the origin behind the head, in small letters. */
  private final CompletableFuture<String> heard = new CompletableFuture<>();

  @ParameterizedTest(name = "{0} in, {1} out")
  @CsvSource({"http1, http1", "http1, http2", "http2, http1", "http2, http2"})
  void trailers_passBothWays(String in, String out) throws Exception {
    String answer;
    try (Origin one = new Origin(this::serve);
        Http2Peer two = Http2Peer.origin(stream -> Thread.ofVirtual().start(() -> serve(stream)));
        ForwardBench bench =
            new ForwardBench(out.equals("http1") ? one.port() : two.port(), ", protocol: " + out)) {
      answer = in.equals("http1") ? callByHttp1(bench.port()) : callByHttp2(bench.port());
    }
    assertThat(heard.get(20, TimeUnit.SECONDS)).contains("abc").contains("x-sum: 6");
    assertThat(answer).contains("xyz").contains("x-end: 1");
  }

  private void serve(Origin.Connection connection) throws IOException {
    connection.head();
    heard.complete(connection.head().toLowerCase(Locale.ROOT)); // the body ends as heads do
    connection.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nxyz\r\n0\r\nX-End: 1\r\n\r\n");
  }

  private void serve(Http2Peer.Stream stream) {
    try {
      assertThat(stream.next()).contains(":method: POST");
      heard.complete(untilItsEnd(stream));
    } catch (InterruptedException | AssertionError e) {
      heard.completeExceptionally(e);
    }
    Http2Headers head = new DefaultHttp2Headers().status("200");
    head.add("content-length", "3").add("trailer", "x-end"); // beside each other, as servers do
    stream.head(head, false).data("xyz", false);
    stream.head(new DefaultHttp2Headers().add("x-end", "1"), true);
  }

  private static String callByHttp1(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nTrailer: X-Sum\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n"
              + BODY);
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      return client.head().toLowerCase(Locale.ROOT);
    }
  }

  private static String callByHttp2(int port) throws Exception {
    try (Http2Peer caller = Http2Peer.caller(port)) {
      Http2Peer.Stream stream =
          caller
              .open()
              .head(
                  new DefaultHttp2Headers().method("POST").scheme("http").authority("h").path("/"),
                  false)
              .data("abc", false)
              .head(new DefaultHttp2Headers().add("x-sum", "6"), true);
      assertThat(stream.next()).contains(":status: 200");
      return untilItsEnd(stream);
    }
  }

  private static String untilItsEnd(Http2Peer.Stream stream) throws InterruptedException {
    StringBuilder events = new StringBuilder();
    for (String event = stream.next(); !event.equals("END"); event = stream.next()) {
      assertThat(event).isNotEqualTo("nothing").doesNotStartWith("RESET");
      events.append(event).append('\n');
    }
    return events.toString();
  }
}
