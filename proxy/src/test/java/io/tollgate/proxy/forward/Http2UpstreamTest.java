package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP/2 to upstreams, and both HTTPs in front of it, frame by frame. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class Http2UpstreamTest {
  private static final String HTTP2 = ", protocol: http2";
  private static final long CANCEL = 8;
  private static final long REFUSED_STREAM = 7;
  private static final long INTERNAL_ERROR = 2;

  @Test
  void http1Call_goesOutAsHttp2() throws Exception {
    try (Http2Peer origin = Http2Peer.origin(Http2UpstreamTest::answerOk);
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient client = new RawClient(bench.port())) {
      String answer =
          client.send("GET /a?b=c HTTP/1.1\r\nHost: api.test\r\nX-Case: Kept\r\n\r\n").response();
      assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
      Http2Peer.Stream stream = origin.streams().get(0);
      assertThat(stream.next())
          .contains(":method: GET", ":path: /a?b=c", ":authority: api.test", ":scheme: http")
          .contains("x-case: Kept", "x-forwarded-for: 127.0.0.1")
          .doesNotContain(" host: api.test", "connection");
      assertThat(stream.next()).isEqualTo("END");
    }
  }

  @Test
  void trailersOfAnHttp1Request_goOut_withoutWhatOnlyAHeadMaySay() throws Exception {
    try (Http2Peer origin = Http2Peer.origin(stream -> {});
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
              + "3\r\nabc\r\n0\r\nX-Sum: 6\r\nX-Tollgate-Tenant: forged\r\nX-Forwarded-For: forged\r\n"
              + "Forwarded: for=forged\r\nCookie: forged\r\nVia: 1.1 forged\r\nHost: forged\r\n"
              + "Expect: 100-continue\r\nMax-Forwards: 1\r\nContent-Length: 1\r\n\r\n");
      Await.until(() -> !origin.streams().isEmpty());
      Http2Peer.Stream stream = origin.streams().get(0);
      assertThat(stream.next()).contains(":method: POST").doesNotContain("transfer-encoding");
      assertThat(stream.next()).isEqualTo("DATA abc");
      assertThat(stream.next())
          .contains("x-sum: 6")
          .doesNotContain("forged", "expect", "max-forwards", "content-length");
      assertThat(stream.next()).isEqualTo("END");
      answerOk(stream);
      assertThat(client.response()).endsWith("ok");
    }
  }

  @Test
  void headOnlyCall_endsWithItsHeadUpstreamToo() throws Exception {
    try (Http2Peer origin = Http2Peer.origin(Http2UpstreamTest::answerOk);
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream call = caller.open();
      call.head(new DefaultHttp2Headers().method("GET").path("/").scheme("http"), true);
      assertThat(call.next()).contains(":status: 200");
      assertThat(call.next()).isEqualTo("DATA ok");
      Http2Peer.Stream stream = origin.streams().get(0);
      assertThat(stream.next()).startsWith("HEAD");
      assertThat(stream.next()).isEqualTo("END");
    }
  }

  @Test
  void resets_passWithTheirMeaning_bothWays() throws Exception {
    try (Http2Peer origin = Http2Peer.origin(stream -> {});
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream given = caller.open();
      given.head(post("/up"), false);
      Await.until(() -> origin.streams().size() == 1);
      assertThat(origin.streams().get(0).next()).contains("/up");
      given.reset(CANCEL);
      assertThat(origin.streams().get(0).next()).isEqualTo("RESET " + CANCEL);

      Http2Peer.Stream cut = caller.open();
      cut.head(post("/down"), true);
      Await.until(() -> origin.streams().size() == 2);
      origin.streams().get(1).head(new DefaultHttp2Headers().status("200"), false).data("x", false);
      assertThat(cut.next()).contains("200");
      assertThat(cut.next()).isEqualTo("DATA x");
      origin.streams().get(1).reset(INTERNAL_ERROR);
      assertThat(cut.next()).isEqualTo("RESET " + INTERNAL_ERROR);
      Await.until(() -> bench.inFlight() == 0);
    }
  }

  @Test
  void callRefusedUnbegun_isSentOnceMore() throws Exception {
    int[] tries = new int[1];
    try (Http2Peer origin =
            Http2Peer.origin(
                stream -> {
                  if (tries[0]++ == 0) {
                    stream.reset(REFUSED_STREAM);
                  } else {
                    answerOk(stream);
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").response())
          .startsWith("HTTP/1.1 200");
      assertThat(origin.streams()).hasSize(2);
    }
  }

  /** The caller's matter: the breaker, which opens for everybody, does not hear of it. */
  @Test
  void headThatTheOriginDoesNotTake_is431_andOthersGoOn() throws Exception {
    Http2Settings small = Http2Settings.defaultSettings().maxHeaderListSize(4_000);
    try (Http2Peer origin = Http2Peer.origin(null, small, Http2UpstreamTest::answerOk);
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient client = new RawClient(bench.port())) {
      String get = "GET /x HTTP/1.1\r\nHost: h\r\n";
      assertThat(client.send(get + "\r\n").response()).startsWith("HTTP/1.1 200");
      String large = get + "X-Large: " + "x".repeat(4_000) + "\r\n\r\n";
      for (int i = 0; i < 120; i++) {
        assertThat(client.send(large).response()).startsWith("HTTP/1.1 431");
      }
      assertThat(client.send(get + "\r\n").response()).startsWith("HTTP/1.1 200");
      assertThat(origin.streams()).hasSize(2);
    }
  }

  @Test
  void moreCallsThanTheOriginTakesAtOnce_waitTheirTurn() throws Exception {
    Http2Settings one = Http2Settings.defaultSettings().maxConcurrentStreams(1);
    try (Http2Peer origin = Http2Peer.origin(null, one, Http2UpstreamTest::answerOk);
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2 + ", connections: 1");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream[] calls = new Http2Peer.Stream[20];
      for (int i = 0; i < calls.length; i++) {
        calls[i] = caller.open().head(post("/" + i), true);
      }
      for (Http2Peer.Stream call : calls) {
        assertThat(call.next()).contains(":status: 200");
      }
    }
  }

  @Test
  void grpcCall_isRefusedInTrailers_andGoesByHttp2WithoutBeingTold() throws Exception {
    try (Http2Peer origin = Http2Peer.origin(stream -> {})) {
      int port = origin.port();
      try (ForwardBench bench = new ForwardBench(port, "");
          Http2Peer caller = Http2Peer.caller(bench.port())) {
        caller.open().head(grpc(), false);
        Await.until(() -> origin.streams().size() == 1);
        assertThat(origin.streams().get(0).next()).contains("application/grpc", "te: trailers");
      }
    }
    try (Origin closed = new Origin(connection -> {});
        ForwardBench bench = new ForwardBench(closed.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream call = caller.open().head(grpc(), false);
      assertThat(call.next())
          .contains(":status: 200", "grpc-status: 14", "grpc-message: The service 'api'")
          .doesNotContain("content-length");
      assertThat(call.next()).isEqualTo("END");
    }
  }

  private static void answerOk(Http2Peer.Stream stream) {
    stream
        .head(new DefaultHttp2Headers().status("200").add("content-length", "2"), false)
        .data("ok", true);
  }

  private static Http2Headers post(String path) {
    return new DefaultHttp2Headers().method("POST").path(path).scheme("http").authority("h");
  }

  private static Http2Headers grpc() {
    return post("/p.S/M").add("content-type", "application/grpc").add("te", "trailers");
  }
}
