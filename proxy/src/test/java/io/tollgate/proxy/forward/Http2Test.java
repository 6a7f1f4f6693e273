package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP/2 by prior knowledge in, HTTP/1.1 out. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class Http2Test {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions()
              .setProtocolVersion(HttpVersion.HTTP_2)
              .setHttp2ClearTextUpgrade(false));

  @AfterEach
  void close() {
    wait(vertx.close());
  }

  @Test
  void get_hasNoBodyUpstreamAndItsAuthorityAsHost() throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      AtomicReference<String> body = new AtomicReference<>();
      HttpClientResponse response = whole(request(bench, HttpMethod.GET), body);
      assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(body.get()).isEqualTo("ok");
      assertThat(origin.heads().get(0))
          .startsWith("GET /h2 HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: 127.0.0.1:" + bench.port())
          .doesNotContainIgnoringCase("transfer-encoding")
          .doesNotContain(":authority", ":path");
    }
  }

  @Test
  void postWithoutLength_arrivesWhole() throws Exception {
    List<String> bodies = new ArrayList<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  assertThat(connection.head()).containsIgnoringCase("transfer-encoding: chunked");
                  bodies.add(connection.read(13));
                  connection.send(OK);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      HttpClientRequest request = wait(request(bench, HttpMethod.POST));
      request.setChunked(true);
      request.write("abc");
      request.end();
      assertThat(wait(request.response().compose(HttpClientResponse::body)).toString())
          .isEqualTo("ok");
      assertThat(bodies).containsExactly("3\r\nabc\r\n0\r\n\r\n");
    }
  }

  /** The padding of the last frame is given back once, though the body's end is heard at once. */
  @Test
  void paddedBody_arrivesWhole_andItsConnectionGoesOn() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    connection.read(14); // one chunk of four, and the end
                    connection.send(OK);
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      for (int padding : new int[] {0, 1, 8, 255}) {
        Http2Peer.Stream stream = caller.open().head(post(), false).padded("test", padding, true);
        assertThat(stream.next()).contains(":status: 200");
      }
    }
  }

  private static Http2Headers post() {
    return new DefaultHttp2Headers().method("POST").scheme("http").authority("h").path("/");
  }

  @Test
  void emptyPost_isFramed() throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      assertThat(
              wait(request(bench, HttpMethod.POST).compose(HttpClientRequest::send)).statusCode())
          .isEqualTo(200);
      assertThat(origin.heads().get(0)).containsIgnoringCase("content-length: 0");
    }
  }

  @Test
  void hopByHopFieldsOfTheOrigin_doNotReachHttp2() throws Exception {
    try (Origin origin =
            Origin.answering(
                "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      AtomicReference<String> body = new AtomicReference<>();
      HttpClientResponse response = whole(request(bench, HttpMethod.GET), body);
      assertThat(body.get()).isEqualTo("ok");
      assertThat(response.headers().names())
          .doesNotContain("connection", "keep-alive", "transfer-encoding");
      assertThat(response.getTrailer("x-sum")).isEqualTo("2");
    }
  }

  @Test
  void manyStreams_shareTheConnection() throws Exception {
    try (Origin origin = Origin.answering(OK);
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      List<Future<Buffer>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        answers.add(
            request(bench, HttpMethod.GET)
                .compose(HttpClientRequest::send)
                .compose(HttpClientResponse::body));
      }
      for (Future<Buffer> answer : answers) {
        assertThat(wait(answer).toString()).isEqualTo("ok");
      }
    }
  }

  @Test
  void resetStream_cancelsUpstream() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      HttpClientRequest request = wait(request(bench, HttpMethod.GET));
      request.end();
      Await.until(() -> origin.open() == 1);
      request.reset(8);
      Await.until(() -> origin.open() == 0 && bench.inFlight() == 0);
    }
  }

  private Future<HttpClientRequest> request(ForwardBench bench, HttpMethod method) {
    return client.request(method, bench.port(), "127.0.0.1", "/h2");
  }

  /** The answer when its body is there too, which is asked for before it can have passed. */
  private static HttpClientResponse whole(
      Future<HttpClientRequest> request, AtomicReference<String> body) {
    return wait(
        request.compose(
            open -> {
              Promise<HttpClientResponse> ended = Promise.promise();
              open.response()
                  .onFailure(ended::fail)
                  .onSuccess(
                      head ->
                          head.body()
                              .onFailure(ended::fail)
                              .onSuccess(
                                  text -> {
                                    body.set(text.toString());
                                    ended.complete(head);
                                  }));
              open.end().onFailure(ended::tryFail);
              return ended.future();
            }));
  }

  private static <T> T wait(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
