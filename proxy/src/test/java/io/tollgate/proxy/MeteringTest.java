package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.tollgate.contract.Access;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
import io.tollgate.proxy.forward.Http2Peer;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What calls count for, measured on the wire and read where the usage arrives. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class MeteringTest {
  /** An empty text. */
  private static final String ECHO = "\u0081\u0000";

  @TempDir static Path data;
  private static final Vertx VERTX = Vertx.vertx();
  private static FakeControlPlane controlPlane;
  private static Origin origin;
  private static HttpServer grpc;
  private static Proxy proxy;

  @BeforeAll
  static void start() throws Exception {
    controlPlane = new FakeControlPlane();
    origin = new Origin(MeteringTest::serve);
    grpc = VERTX.createHttpServer().requestHandler(MeteringTest::serveGrpc);
    await(grpc.listen(0, "127.0.0.1"));
    String settings =
        TestSettings.alone(data, controlPlane, "")
            + """
        usage: {running: 100ms}
        upstreams:
          api: {addresses: ["127.0.0.1:%d"]}
          grpc: {addresses: ["127.0.0.1:%d"], protocol: http2}
        engine: {transports: [nio], drain: 2s}
        routes:
          - name: rpc
            upstream: grpc
            match: {grpc: "echo.Echo/*"}
            billed: [2xx, grpc-0]
            meters: {calls: 1, sent: {of: messages-sent}, received: {of: messages-received}}
          - name: flow
            upstream: grpc
            match: {grpc: "flow.Flow/*"}
            when-spent: cut-off
            meters: {received: {of: messages-received}}
          - name: web
            upstream: api
            match: {path: "/echo.Web/*"}
            meters: {sent: {of: messages-sent}, received: {of: messages-received}}
          - name: bytes
            upstream: api
            match: {path: /bytes}
            meters:
              calls: 2
              in: {of: request-bytes, per: 4B}
              out: {of: response-bytes, per: 1KiB, weight: 3}
              took: {of: duration, per: 1ms}
          - name: said
            upstream: api
            match: {path: "/said/*"}
            meters: {units: {of: response-field, field: X-Units, weight: 2}}
          - name: policy
            upstream: api
            match: {path: "/status/*"}
            billed: [2xx, 304, 410-411]
            meters: {calls: 1, out: {of: response-bytes}}
          - name: plain-policy
            upstream: api
            match: {path: "/plain-status/*"}
            billed: [200]
          - name: events
            upstream: api
            match: {path: /events}
            meters: {events: {of: events}}
          - name: upload
            upstream: api
            match: {path: /upload}
            when-spent: cut-off
            meters: {in: {of: request-bytes}}
          - name: short
            upstream: api
            match: {path: /short}
            idle-timeout: 200ms
          - name: cut
            upstream: api
            match: {path: /cut}
            when-spent: cut-off
            meters: {out: {of: response-bytes}}
          - name: finish
            upstream: api
            match: {path: /finish}
            meters: {out: {of: response-bytes}}
          - name: socket
            upstream: api
            match: {path: /socket}
            when-spent: cut-off
            meters: {up: {of: messages-sent}, down: {of: messages-received}, both: {of: messages}}
        """
                .formatted(origin.port(), grpc.actualPort());
    proxy = Proxy.start(TestSettings.parse(settings));
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.stop();
    origin.close();
    await(VERTX.close());
    controlPlane.close();
  }

  @Test
  void bytesAndTime_areMeteredInUnitsBegun() throws Exception {
    tenant("sizes");
    String answer = call("POST", "/bytes", "sizes", "Content-Length: 9\r\n", "123456789");
    assertThat(answer).startsWith("HTTP/1.1 200");
    await(() -> used("sizes", "took") > 0);
    await(() -> used("sizes", "calls") == 2);
    await(() -> used("sizes", "in") == 3);
    await(() -> used("sizes", "out") == 3 * 3);
    assertThat(used("sizes", "took")).isBetween(50L, 10_000L);
  }

  @Test
  void unitsSaidByFieldOrTrailer_areMetered_andNonsenseCountsForNothing() throws Exception {
    tenant("said");
    call("GET", "/said/field", "said", "", "");
    await(() -> used("said", "units") == 14);
    call("GET", "/said/trailer", "said", "TE: trailers\r\n", "");
    await(() -> used("said", "units") == 14 + 10);
    for (String nonsense : List.of("minus", "text", "missing", "huge")) {
      assertThat(call("GET", "/said/" + nonsense, "said", "", "")).startsWith("HTTP/1.1 200");
    }
    call("GET", "/said/field", "said", "", "");
    await(() -> used("said", "units") == 14 + 10 + 14);
  }

  @Test
  void statusPolicy_decidesWhatIsBilled_andGivesTheQuotaBack() throws Exception {
    tenant("policy");
    for (int status : List.of(200, 304, 404, 410, 500, 201, 411, 412)) {
      call("GET", "/status/" + status, "policy", "", "");
    }
    for (int status : List.of(200, 204, 404)) {
      call("GET", "/plain-status/" + status, "policy", "", "");
    }
    await(() -> used("policy", "calls") == 6);
    // Six billed; each of these is taken, told, and given back after its answer.
    await(() -> call("GET", "/status/404", "policy", "", "").contains("\"month\";r=993"));
    Thread.sleep(500);
    assertThat(used("policy", "calls")).isEqualTo(6);
  }

  @Test
  void callThatItsCallerLeftUnanswered_isNeitherBilledNorTakenFromTheQuota() throws Exception {
    tenant("left");
    for (int i = 0; i < 3; i++) {
      try (RawClient client = open("/plain-status/never", "left", "")) {
        assertThat(client).isNotNull();
        await(() -> proxy.inFlight() == 1);
      }
      await(() -> proxy.inFlight() == 0);
    }
    // What is not billed is given back as well, an instant after the call is over.
    await(() -> call("GET", "/plain-status/404", "left", "", "").contains("\"month\";r=999"));
    await(() -> call("GET", "/plain-status/404", "left", "", "").contains("\"month\";r=999"));
    assertThat(call("GET", "/plain-status/200", "left", "", "")).contains("\"month\";r=999");
    await(() -> used("left", "calls") == 1);
  }

  @Test
  void events_areMeteredWhileTheStreamRuns() throws Exception {
    tenant("events");
    try (RawClient client = open("/events", "events", "Accept-Encoding: gzip\r\n")) {
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      await(() -> used("events", "events") == 2);
      client.send("go on"); // nobody reads it; the stream still runs
      assertThat(proxy.inFlight()).isPositive();
    }
    assertThat(origin.heads()).anyMatch(head -> head.contains("Accept-Encoding: identity"));
  }

  @Test
  void silence_longerThanTheRoutesIdleTimeout_endsTheStream() throws Exception {
    tenant("short");
    try (RawClient client = open("/short", "short", "")) {
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      assertThat(client.restOrReset()).contains("not yet"); // else it would wait 60 s
    }
  }

  @Test
  void spentQuota_cutsALongAnswerOff() throws Exception {
    quota("cut", "out", 5_000);
    try (RawClient client = open("/cut", "cut", "")) {
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      assertThat(client.restOrReset()).doesNotContain("\r\n0\r\n\r\n");
    }
    await(() -> used("cut", "out") >= 5_000);
    assertThat(call("GET", "/cut", "cut", "", "")).startsWith("HTTP/1.1 429");
  }

  @Test
  void spentQuota_letsALongAnswerFinish_whereTheRouteSaysSo_andRefusesTheNextCall()
      throws Exception {
    quota("finish", "out", 5_000);
    String whole = call("GET", "/finish", "finish", "", "");
    assertThat(whole).startsWith("HTTP/1.1 200").endsWith("\r\n0\r\n\r\n");
    String body = whole.substring(whole.indexOf("\r\n\r\n"));
    assertThat(body.chars().filter(c -> c == 'y').count()).isEqualTo(10_000);
    await(() -> used("finish", "out") == 10_000);
    assertThat(call("GET", "/finish", "finish", "", "")).startsWith("HTTP/1.1 429");
    assertThat(used("finish", "out")).isEqualTo(10_000);
  }

  @Test
  void spentQuota_endsAnUploadWith429() throws Exception {
    quota("upload", "in", 5_000);
    try (RawClient client = open("/upload", "upload", "Transfer-Encoding: chunked\r\n")) {
      Thread upload =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 1_000; i++) {
                        client.send("64\r\n" + "z".repeat(100) + "\r\n");
                        pause(5);
                      }
                    } catch (IOException e) {
                      // cut off, as it should be
                    }
                  });
      assertThat(client.head())
          .startsWith("HTTP/1.1 429")
          .contains("RateLimit: \"in\";r=0", "Retry-After: ");
      assertThat(client.restOrReset()).contains("\"violated-policies\":[\"in\"]", "\"denial\":\"");
      upload.join();
    }
    await(() -> proxy.inFlight() == 0);
  }

  @Test
  void webSocket_countsMessagesBothWays_andEndsWith1008WhenSpent() throws Exception {
    quota("socket", "up", 50);
    String upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    try (RawClient client = open("/socket", "socket", upgrade)) {
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      frames(client, 10);
      assertThat(client.read(20)).hasSize(20);
      await(() -> used("socket", "up") == 10 && used("socket", "both") == 20);
      int sent = 10;
      String answer;
      do {
        frames(client, 1);
        sent++;
        answer = client.read(ECHO.length());
      } while (answer.equals(ECHO));
      String why = "The limit 'up' of 50 is spent until its window ends in ";
      assertThat(answer + client.restOrReset())
          .matches("(?s)\u0088[0-}]\u0003\u00f0" + why + "[0-9]+ s\\.");
      // The last one may have come when the limit was told to be spent.
      long answered = sent - 1L;
      assertThat(answered).isGreaterThanOrEqualTo(49);
      await(() -> used("socket", "up") >= answered);
      assertThat(used("socket", "up")).isLessThanOrEqualTo(answered + 1);
    }
  }

  @Test
  void webSocketOverHttp2_isCountedLikeAnyOther() throws Exception {
    tenant("stream");
    try (Http2Peer caller = Http2Peer.caller(proxy.port())) {
      Http2Peer.Stream stream =
          caller
              .open()
              .head(
                  new DefaultHttp2Headers()
                      .method("CONNECT")
                      .scheme("http")
                      .authority("h")
                      .path("/socket")
                      .add(":protocol", "websocket")
                      .add("x-api-key", "stream-key"),
                  false);
      assertThat(stream.next()).contains(":status: 200");
      stream.data("\u0081\u0080\0\0\0\0", false);
      await(() -> used("stream", "up") == 1 && used("stream", "both") == 2);
      stream.reset(8);
    }
  }

  @Test
  void grpcWebAsText_isCountedByMessage() throws Exception {
    tenant("web");
    String message = Base64.getEncoder().encodeToString(new byte[] {0, 0, 0, 0, 1, 7});
    try (RawClient client =
        open(
            "/echo.Web/Text",
            "web",
            "Content-Type: application/grpc-web-text\r\nContent-Length: 16\r\n")) {
      client.send(message + message);
      assertThat(client.response()).startsWith("HTTP/1.1 200");
    }
    await(() -> used("web", "sent") == 2 && used("web", "received") == 3);
  }

  @Test
  void grpc_countsMessagesAndBillsByItsOwnStatus() throws Exception {
    tenant("rpc");
    HttpClient client =
        VERTX.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    assertThat(rpc(client, "/echo.Echo/Good")).isEqualTo("0");
    await(() -> used("rpc", "received") == 2);
    await(() -> used("rpc", "sent") == 3);
    await(() -> used("rpc", "calls") == 1);
    assertThat(rpc(client, "/echo.Echo/Bad")).isEqualTo("13");
    assertThat(rpc(client, "/echo.Echo/Good")).isEqualTo("0");
    await(() -> used("rpc", "received") == 4);
    await(() -> used("rpc", "sent") == 6);
    await(() -> used("rpc", "calls") == 2);
  }

  @Test
  void spentQuota_endsAGrpcStreamAsItWouldRefuseOne() throws Exception {
    quota("flow", "received", 20);
    HttpClient client =
        VERTX.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    HttpClientResponse cut = call(client, "/flow.Flow/Endless", "flow-key");
    assertThat(cut.getHeader("grpc-status")).isNull();
    assertThat(cut.getTrailer("grpc-status")).isEqualTo("8");
    assertThat(cut.getTrailer("grpc-message"))
        .startsWith("The limit 'received' of 20 is spent until its window ends in ");
    HttpClientResponse refused = call(client, "/flow.Flow/Endless", "flow-key");
    assertThat(refused.getHeader("grpc-status")).isEqualTo("8");
    for (String details :
        List.of(
            cut.getTrailer("grpc-status-details-bin"),
            refused.getHeader("grpc-status-details-bin"))) {
      assertThat(new String(Base64.getDecoder().decode(details), StandardCharsets.ISO_8859_1))
          .contains("google.rpc.RetryInfo", "google.rpc.QuotaFailure\u0012\f\n\n\n\breceived");
    }
  }

  private static String rpc(HttpClient client, String method) throws Exception {
    HttpClientResponse response = call(client, method, "rpc-key");
    String status = response.getTrailer("grpc-status");
    return status == null ? String.valueOf(response.getHeader("grpc-status")) : status;
  }

  private static HttpClientResponse call(HttpClient client, String method, String key)
      throws Exception {
    Buffer messages = Buffer.buffer();
    for (int i = 0; i < 3; i++) {
      messages.appendByte((byte) 0).appendInt(4).appendString("abcd");
    }
    return await(
        client
            .request(HttpMethod.POST, proxy.port(), "127.0.0.1", method)
            .compose(
                request ->
                    request
                        .putHeader("content-type", "application/grpc")
                        .putHeader("te", "trailers")
                        .putHeader("x-api-key", key)
                        .send(messages))
            .compose(answer -> answer.body().map(answer)));
  }

  private static void serveGrpc(HttpServerRequest request) {
    if (request.path().endsWith("Endless")) {
      request.response().setChunked(true).putHeader("content-type", "application/grpc");
      goOn(request.response());
      return;
    }
    request
        .body()
        .onSuccess(
            body -> {
              boolean good = request.path().endsWith("Good");
              request.response().setChunked(true).putHeader("content-type", "application/grpc");
              for (int i = 0; i < 2; i++) {
                request
                    .response()
                    .write(Buffer.buffer().appendByte((byte) 0).appendInt(2).appendString("ok"));
              }
              request.response().putTrailer("grpc-status", good ? "0" : "13").end();
            });
  }

  /** A message every few milliseconds, as long as anybody listens. */
  private static void goOn(HttpServerResponse response) {
    VERTX.setPeriodic(
        5,
        timer -> {
          if (response.closed() || response.ended()) {
            VERTX.cancelTimer(timer);
          } else {
            response.write(Buffer.buffer().appendByte((byte) 0).appendInt(2).appendString("ok"));
          }
        });
  }

  private static void serve(Origin.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      origin.note(head);
      String path = head.split(" ", 3)[1];
      String last = path.substring(path.lastIndexOf('/') + 1);
      switch (path) {
        case "/bytes" -> {
          connection.read(9);
          pause(60);
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2049\r\n\r\n" + "x".repeat(2_049));
        }
        case "/events", "/short" -> {
          connection.send(
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                  + ": hello\n\ndata: 1\n\nevent: e\ndata: 2\n\ndata: not yet");
          connection.rest();
        }
        case "/echo.Web/Text" -> {
          connection.read(16);
          connection.send(
              "HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web-text+proto\r\n"
                  + "Content-Length: 32\r\n\r\n"
                  + "AAAAAAEH".repeat(3)
                  + "gAAAAAA=");
        }
        case "/upload", "/plain-status/never" -> connection.rest();
        case "/cut" -> stream(connection, Integer.MAX_VALUE); // until it is cut off
        case "/finish" -> stream(connection, 100);
        case "/socket" -> echo(connection, head);
        default -> connection.send(path.startsWith("/said/") ? said(last) : status(last));
      }
    }
  }

  private static String said(String how) {
    return switch (how) {
      case "trailer" ->
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Units\r\n\r\n"
              + "2\r\nok\r\n0\r\nX-Units: 5\r\n\r\n";
      case "missing" -> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
      default ->
          "HTTP/1.1 200 OK\r\nX-Units: "
              + Map.of("field", "7", "minus", "-7", "text", "7 units", "huge", "9".repeat(30))
                  .get(how)
              + "\r\nContent-Length: 0\r\n\r\n";
    };
  }

  private static String status(String status) {
    boolean bodiless = status.equals("304") || status.equals("204");
    return "HTTP/1.1 " + status + " Said\r\n" + (bodiless ? "" : "Content-Length: 0\r\n") + "\r\n";
  }

  private static void stream(Origin.Connection connection, int pieces) throws IOException {
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < pieces; i++) {
      connection.send("64\r\n" + "y".repeat(100) + "\r\n");
      pause(5);
    }
    connection.send("0\r\n\r\n");
  }

  /** Answers each masked frame of six bytes with an empty text. */
  private static void echo(Origin.Connection connection, String head) throws IOException {
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + ("Sec-WebSocket-Accept: " + Origin.accept(head) + "\r\n\r\n"));
    while (connection.read(6).length() == 6) {
      connection.send(ECHO);
    }
  }

  private static void frames(RawClient client, int many) throws IOException {
    client.send("\u0081\u0080mask".repeat(many));
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RawClient open(String path, String tenant, String fields) throws IOException {
    RawClient client = new RawClient(proxy.port());
    return client.send(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: h\r\nX-Api-Key: "
            + tenant
            + "-key\r\n"
            + fields
            + "\r\n");
  }

  private static String call(String method, String path, String tenant, String fields, String body)
      throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      return client
          .send(
              method
                  + " "
                  + path
                  + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Api-Key: "
                  + tenant
                  + "-key\r\n"
                  + fields
                  + "\r\n"
                  + body)
          .rest();
    }
  }

  private static void tenant(String name) {
    controlPlane.put(Tenants.tenant(name, name + "-key", Access.FULL, 1, List.of()));
  }

  private static void quota(String name, String meter, long units) {
    QuotaLimit quota =
        new QuotaLimit(
            meter, meter, Scope.TENANT, units, Tenants.YEARS, OverLimit.DENY, false, "plan:pro");
    controlPlane.put(Tenants.limited(name, quota));
  }

  private static long used(String tenant, String meter) {
    return controlPlane.used(tenant, meter);
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within 30 s").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
