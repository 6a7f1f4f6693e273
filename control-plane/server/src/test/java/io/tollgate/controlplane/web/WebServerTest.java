package io.tollgate.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.web.TestApi.Answer;
import io.tollgate.yaml.Secret;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who may call what, and what is answered. */
class WebServerTest extends WebBench {
  @Test
  void call_withoutOrWithUnknownToken_is401() {
    isProblem(api.as("nobody").get("/probe/things/1"), 401, "unauthorized");
    assertThat(api.as("nobody").get("/probe/things/1").header("WWW-Authenticate"))
        .isEqualTo("Bearer");
  }

  @Test
  void call_withWrongRole_is403() {
    isProblem(api.as("proxy").get("/probe/things/1"), 403, "forbidden");
    isProblem(api.as("viewer").post("/probe/things", "{\"name\": \"x\"}"), 403, "forbidden");
  }

  @Test
  void call_ofTenant_hasItsScope() {
    assertThat(api.asTenant("acme").get("/probe/things/1").json().path("scope").asText())
        .isEqualTo("acme");
    assertThat(api.as("viewer").get("/probe/things/1").json().path("scope").asText())
        .isEqualTo("*");
  }

  @Test
  void call_toNowhere_is404() {
    isProblem(api.as("admin").get("/probe/nowhere"), 404, "not-found");
  }

  @Test
  void call_withWrongMethod_is405AndNamesTheAllowed() {
    Answer answer = api.as("admin").delete("/probe/things/1");
    isProblem(answer, 405, "method-not-allowed");
    assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, PUT");
  }

  @Test
  void head_isAnsweredAsGetWithoutABody() {
    for (String path :
        List.of(
            "/probe/things/1", "/probe/nowhere", "/probe/numbers?limit=0", "/live", "/metrics")) {
      Answer got = api.as("admin").get(path);
      Answer head = api.as("admin").send("HEAD", path, "");
      assertThat(head.status()).as(path).isEqualTo(got.status());
      assertThat(head.text()).as(path).isEmpty();
      for (String header : List.of("Content-Type", "ETag", "Content-Length")) {
        if (!path.equals("/metrics") || !header.equals("Content-Length")) {
          assertThat(head.header(header)).as(path + " " + header).isEqualTo(got.header(header));
        }
      }
    }
    assertThat(api.as("proxy").send("HEAD", "/probe/events", "").header("Content-Type"))
        .isEqualTo("text/event-stream");
    Answer download = api.as("admin").send("HEAD", "/probe/file", "");
    assertThat(download.status()).isEqualTo(200);
    assertThat(download.header("Content-Type")).isEqualTo("text/csv");
    isProblem(api.as("nobody").get("/probe/things/1"), 401, "unauthorized");
    assertThat(api.as("nobody").send("HEAD", "/probe/things/1", "").status()).isEqualTo(401);
    assertThat(api.as("admin").send("HEAD", "/probe/direct", "").status()).isEqualTo(405);
  }

  @Test
  void connection_thatRests_isClosedAndOneWithARequestAtWorkIsNot() throws Exception {
    Routes routes = new Routes();
    routes.postDirect(
        "/probe/long",
        Role.STAFF,
        call -> {
          await(Duration.ofMillis(900));
          return Reply.ok(Map.of("done", true));
        });
    Tokens tokens =
        new Tokens(
            DB.db(),
            InstantSource.system(),
            new Ids(InstantSource.system(), new SecureRandom()),
            new SecureRandom(),
            (tx, actor, action, token) -> {});
    tokens.configure(List.of(new Tokens.Configured(Role.ADMIN, new Secret("admin"))));
    WebServer.Parts parts =
        new WebServer.Parts(
            DB.vertx(), DB.db(), tokens, InstantSource.system(), new CollectorRegistry());
    WebSettings settings = new WebSettings("127.0.0.1", 0, 1000, Duration.ofMillis(200));
    try (WebServer server = WebServer.start(parts, settings, routes);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      String request =
          """
          POST /probe/long HTTP/1.1\r
          Host: a\r
          Authorization: Bearer admin\r
          Content-Length: 0\r
          \r
          """;
      for (int i = 0; i < 2; i++) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        byte[] head = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
        assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
        socket.getInputStream().readNBytes(socket.getInputStream().available());
      }
      assertThat(socket.getInputStream().read()).as("closed once it rests").isEqualTo(-1);
    }
  }

  private static void await(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void update_needsTheVersionItWasMadeFrom() {
    assertThat(api.as("admin").get("/probe/things/1").header("ETag")).isEqualTo("\"7\"");
    isProblem(api.as("admin").put("/probe/things/1", "{}"), 428, "precondition-required");
    isProblem(
        api.as("admin").put("/probe/things/1", "{}", "If-Match", "\"6\""),
        412,
        "precondition-failed");
    assertThat(api.as("admin").put("/probe/things/1", "{}", "If-Match", "\"7\"").status())
        .isEqualTo(204);
  }

  @Test
  void update_ofOneOfSeveralVersions_isTakenAndOfAWeakOneNever() {
    for (String match :
        List.of("*", "\"9\", \"2\", \"7\"", "\"7\",\"8\"", "W/\"7\", \"7\"", "\"a, b\", \"7\"")) {
      assertThat(api.as("admin").put("/probe/things/1", "{}", "If-Match", match).status())
          .as(match)
          .isEqualTo(204);
    }
    for (String match : List.of("\"9\", \"2\"", "W/\"7\"", "7", "\"6\", *", "\"1, \"7\"")) {
      isProblem(
          api.as("admin").put("/probe/things/1", "{}", "If-Match", match),
          412,
          "precondition-failed");
    }
    Answer twice =
        api.as("admin").put("/probe/things/1", "{}", "If-Match", "\"9\"", "If-Match", "\"7\"");
    assertThat(twice.status()).as("two lines are one list").isEqualTo(204);
  }

  @Test
  void list_isReadByCursorToItsEnd() {
    String next = "";
    int pages = 0;
    int items = 0;
    do {
      Answer answer = api.as("viewer").get("/probe/numbers?limit=50" + next);
      items += answer.json().path("items").size();
      pages++;
      next = "&cursor=" + answer.json().path("next").asText();
    } while (!next.equals("&cursor="));
    assertThat(pages).isEqualTo(3);
    assertThat(items).isEqualTo(120);
    isProblem(api.as("viewer").get("/probe/numbers?limit=0"), 422, "invalid");
    String first = api.as("viewer").get("/probe/numbers?limit=50").json().path("next").asText();
    for (String cursor : List.of("%25", "zzz", "MTIz", first + "AA", first.substring(4))) {
      Answer refused = api.as("viewer").get("/probe/numbers?cursor=" + cursor);
      isProblem(refused, 400, "malformed");
      assertThat(refused.json().at("/errors/0/field").asText()).isEqualTo("cursor");
    }
  }

  @Test
  void query_unknownOrTwice_is422AndNamesWhatIsTaken() {
    Answer unknown = api.as("viewer").get("/probe/numbers?limit=5&tennant=acme");
    isProblem(unknown, 422, "invalid");
    assertThat(unknown.json().at("/errors/0/field").asText()).isEqualTo("tennant");
    assertThat(unknown.text()).contains("[cursor, limit]");
    isProblem(api.as("viewer").get("/probe/numbers?limit=5&limit=6"), 422, "invalid");
    Answer none = api.as("admin").post("/probe/things?dryRun=true", "{\"name\": \"asked\"}");
    isProblem(none, 422, "invalid");
    assertThat(none.json().at("/errors/0/field").asText()).isEqualTo("dryRun");
  }

  @Test
  void stream_sendsEvents() {
    Answer answer = api.as("proxy").get("/probe/events");
    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(answer.text())
        .isEqualTo(
            """
            event: position
            data: {"sequence":4}

            : alive

            id: 5
            event: change
            data: {}

            """);
  }

  @Test
  void token_isShownOnceAndStoredAsHash() {
    String body = "{\"role\": \"VIEWER\", \"name\": \"dashboard\"}";
    Answer made = api.as("admin").post("/api/billing/tokens", body, "Idempotency-Key", "t1");
    String secret = made.json().path("secret").asText();
    assertThat(made.header("Cache-Control")).isEqualTo("no-store");
    assertThat(api.as(secret).get("/probe/things/1").status()).isEqualTo(200);
    Answer replayed = api.as("admin").post("/api/billing/tokens", body, "Idempotency-Key", "t1");
    assertThat(replayed.text()).isEqualTo(made.text());
    List<String> stored =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT encode(body, 'escape') AS body FROM idempotency WHERE key = 't1'"
                            + " UNION ALL SELECT sha256 FROM tokens",
                        row -> row.text("body")));
    assertThat(stored).contains(Hashes.sha256(secret)).noneMatch(text -> text.contains(secret));
    assertThat(api.as("admin").get("/api/billing/tokens").text()).doesNotContain(secret);

    String id = made.json().at("/token/id").asText();
    assertThat(api.as("admin").delete("/api/billing/tokens/" + id).status()).isEqualTo(204);
    isProblem(api.as(secret).get("/probe/things/1"), 401, "unauthorized");
  }

  @Test
  void health_needsNoToken() {
    assertThat(api.as("nobody").get("/live").status()).isEqualTo(200);
    assertThat(api.as("nobody").get("/ready").text()).isEqualTo("ready\n");
    api.as("viewer").get("/probe/things/1");
    assertThat(api.as("nobody").get("/metrics").text())
        .contains("tollgate_http_request_seconds_count{route=\"GET /probe/things/{id}\"");
  }
}
