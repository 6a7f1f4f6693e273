package io.tollgate.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import io.tollgate.yaml.YamlFile;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WebServerTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final AtomicInteger RUNS = new AtomicInteger();
  private static final CountDownLatch ENTERED = new CountDownLatch(1);
  private static final CountDownLatch RELEASED = new CountDownLatch(1);
  private static TestApi api;

  @BeforeAll
  static void start() {
    api = TestApi.start(DB, InstantSource.system(), WebServerTest::probes);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static void probes(Routes routes) {
    routes.get(
        "/probe/things/{id}",
        Role.READERS,
        (call, tx) -> Reply.ok(Map.of("id", call.path("id"), "scope", tx.scope())).version(7));
    routes.put(
        "/probe/things/{id}",
        Role.STAFF,
        (call, tx) -> {
          call.mustMatch(7);
          return Reply.noContent();
        });
    routes
        .get(
            "/probe/numbers",
            Role.WATCHERS,
            (call, tx) -> {
              PageRequest page = call.page();
              List<Long> rows =
                  tx.list(
                      "SELECT n::bigint AS n FROM generate_series(1, 120) AS n WHERE n > $1::bigint LIMIT $2",
                      row -> row.whole("n"),
                      page.after() == null ? 0L : Long.parseLong(page.after()),
                      page.fetch());
              return Reply.ok(Page.of(rows, page, String::valueOf));
            })
        .paged();
    routes.post(
        "/probe/things",
        Role.STAFF,
        (call, tx) -> {
          JsonFields fields = call.fields();
          String name = fields.text("name");
          long count = fields.findWhole("count", 0, 10).orElse(1L);
          fields.close();
          if (name.equals("wait")) {
            ENTERED.countDown();
            await(RELEASED);
          }
          tx.execute(
              "INSERT INTO test_clocks (id, name, now, created_at) VALUES ($1, $1, now(), now())",
              name);
          if (name.equals("broken")) {
            throw new IllegalStateException("broken after the write");
          }
          return Reply.created(
              "/probe/things/" + name, Map.of("run", RUNS.incrementAndGet(), "count", count));
        });
    routes.postDirect(
        "/probe/direct", Role.STAFF, call -> Reply.ok(Map.of("run", RUNS.incrementAndGet())));
    routes
        .post(
            "/probe/yaml",
            Role.STAFF,
            (call, tx) -> {
              YamlFile.parse("body", call.text(), Map.of())
                  .value("plans")
                  .map()
                  .value("pro")
                  .text();
              return Reply.noContent();
            })
        .accepts("application/yaml");
    routes.stream(
        "/probe/events",
        Role.PROXIES,
        (call, stream) -> {
          stream.send("position", "{\"sequence\":4}");
          stream.comment("alive");
          stream.send("5", "change", "{}");
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void isProblem(Answer answer, int status, String type) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().path("type").asText()).isEqualTo("urn:tollgate:problem:" + type);
    assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    assertThat(answer.json().path("title").asText()).isNotBlank();
    assertThat(answer.json().path("detail").asText()).isNotBlank();
  }

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
    assertThat(answer.header("Allow")).isEqualTo("GET, PUT");
  }

  @Test
  void call_withWrongContentType_is415() {
    isProblem(
        api.as("admin").post("/probe/things", "name=x", "Content-Type", "text/plain"),
        415,
        "unsupported-media-type");
  }

  @Test
  void call_withLargeBody_is413() {
    isProblem(
        api.as("admin").post("/probe/things", "{\"name\": \"" + "x".repeat(70_000) + "\"}"),
        413,
        "too-large");
  }

  @Test
  void body_notJson_is400() {
    isProblem(api.as("admin").post("/probe/things", "{"), 400, "malformed");
    isProblem(api.as("admin").post("/probe/things", "[]"), 400, "malformed");
  }

  @Test
  void body_beyondTheParsersBounds_is400() {
    String deep = "{\"name\": " + "[".repeat(2_000) + "]".repeat(2_000) + "}";
    String wide = "{\"name\": " + "1".repeat(2_000) + "}";
    String unread = "{\"" + "n".repeat(51_000) + "\": 1}";
    for (String body : List.of(deep, wide, unread)) {
      isProblem(api.as("admin").post("/probe/things", body), 400, "malformed");
    }
  }

  @Test
  void body_goingOnBehindItsValue_is400() {
    for (String body :
        List.of(
            "{\"name\": \"more\"} garbage",
            "{\"name\": \"more\"}{}",
            "{\"name\": \"more\"}]",
            "{\"name\": \"more\"},")) {
      Answer refused = api.as("admin").post("/probe/things", body);
      isProblem(refused, 400, "malformed");
      assertThat(refused.text()).contains("goes on behind");
    }
    assertThat(api.as("admin").post("/probe/things", " {\"name\": \"alone\"} \n").status())
        .isEqualTo(201);
    assertThat(api.as("admin").post("/probe/direct", "").status()).isEqualTo(200);
    isProblem(api.as("admin").post("/probe/direct", "{} {}"), 400, "malformed");
  }

  @Test
  void body_withAKeyTwice_is400AndNamesIt() {
    for (String body :
        List.of(
            "{\"name\": \"d1\", \"name\": \"d2\"}",
            "{\"name\": \"d1\", \"tags\": [{\"name\": 1, \"name\": 2}]}",
            "{\"name\": \"d1\", \"n\\u0061me\": \"d2\"}")) {
      Answer refused = api.as("admin").post("/probe/things", body);
      isProblem(refused, 400, "malformed");
      assertThat(refused.json().path("detail").asText()).contains("'name'");
    }
    assertThat(
            api.as("admin")
                .post("/probe/yaml", "plans:\n  pro: x\n", "Content-Type", "application/yaml")
                .status())
        .as("what is not JSON is its reader's")
        .isEqualTo(204);
  }

  @Test
  void body_wrongField_is422AndNamesIt() {
    Answer missing = api.as("admin").post("/probe/things", "{}");
    isProblem(missing, 422, "invalid");
    assertThat(missing.json().at("/errors/0/field").asText()).isEqualTo("name");
    Answer range = api.as("admin").post("/probe/things", "{\"name\": \"a\", \"count\": 11}");
    assertThat(range.json().at("/errors/0/field").asText()).isEqualTo("count");
    Answer nul = api.as("admin").post("/probe/things", "{\"name\": \"a\\u0000b\"}");
    isProblem(nul, 422, "invalid");
    assertThat(nul.json().at("/errors/0/field").asText()).isEqualTo("name");
    Answer unknown = api.as("admin").post("/probe/things", "{\"name\": \"a\", \"cuont\": 1}");
    assertThat(unknown.json().at("/errors/0/detail").asText())
        .contains("allowed here: count, name");
  }

  @Test
  void body_wrongYaml_is422WithLineAndKey() {
    Answer answer =
        api.as("admin")
            .post("/probe/yaml", "plans:\n  pro: 3\n", "Content-Type", "application/yaml");
    isProblem(answer, 422, "invalid");
    assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo("plans.pro");
    assertThat(answer.json().at("/errors/0/line").asInt()).isEqualTo(2);
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
  void post_sameKey_isAnsweredFromStore() {
    Answer first =
        api.as("admin").post("/probe/things", "{\"name\": \"once\"}", "Idempotency-Key", "k1");
    Answer again =
        api.as("admin").post("/probe/things", "{\"name\": \"once\"}", "Idempotency-Key", "k1");
    assertThat(first.status()).isEqualTo(201);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    isProblem(
        api.as("admin").post("/probe/things", "{\"name\": \"other\"}", "Idempotency-Key", "k1"),
        422,
        "idempotency-key-reused");
    assertThat(
            api.as("operator")
                .post("/probe/things", "{\"name\": \"another\"}", "Idempotency-Key", "k1")
                .status())
        .as("another caller's keys are their own")
        .isEqualTo(201);
  }

  @Test
  void postDirect_sameKey_isAnsweredFromStore() {
    Answer first = api.as("admin").post("/probe/direct", "{}", "Idempotency-Key", "k2");
    Answer again = api.as("admin").post("/probe/direct", "{}", "Idempotency-Key", "k2");
    assertThat(again.text()).isEqualTo(first.text());
    isProblem(
        api.as("admin").post("/probe/direct", "{ }", "Idempotency-Key", "k2"),
        422,
        "idempotency-key-reused");
  }

  @Test
  void post_sameKeyAtWork_is409() throws ExecutionException, InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> slow =
          threads.submit(
              () ->
                  api.as("admin")
                      .post("/probe/things", "{\"name\": \"wait\"}", "Idempotency-Key", "k3"));
      ENTERED.await();
      Answer second =
          api.as("admin").post("/probe/things", "{\"name\": \"wait\"}", "Idempotency-Key", "k3");
      RELEASED.countDown();
      isProblem(second, 409, "idempotency-in-progress");
      assertThat(slow.get().status()).isEqualTo(201);
    }
  }

  @Test
  void post_failing_leavesNothing() {
    Answer broken =
        api.as("admin").post("/probe/things", "{\"name\": \"broken\"}", "Idempotency-Key", "k4");
    isProblem(broken, 500, "internal");
    assertThat(broken.text()).doesNotContain("after the write");
    boolean there =
        DB.db()
            .inTransaction(
                tx ->
                    tx.first(
                        "SELECT id FROM test_clocks WHERE id = 'broken'", row -> row.text("id")))
            .isPresent();
    assertThat(there).isFalse();
  }

  @Test
  void post_existing_is409() {
    api.as("admin").post("/probe/things", "{\"name\": \"twice\"}");
    isProblem(api.as("admin").post("/probe/things", "{\"name\": \"twice\"}"), 409, "conflict");
  }

  @Test
  void stream_sendsEvents() {
    Answer answer = api.as("proxy").get("/probe/events");
    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(answer.text())
        .isEqualTo(
            "event: position\ndata: {\"sequence\":4}\n\n: alive\n\nid: 5\nevent: change\ndata: {}\n\n");
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
