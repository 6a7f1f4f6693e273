package io.tollgate.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import io.tollgate.yaml.YamlFile;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server with routes of its own, for all tests of a class. */
abstract class WebBench {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final AtomicInteger RUNS = new AtomicInteger();
  static final CountDownLatch ENTERED = new CountDownLatch(1);
  static final CountDownLatch RELEASED = new CountDownLatch(1);
  static TestApi api;

  @BeforeAll
  static void start() {
    api = TestApi.start(DB, InstantSource.system(), WebBench::probes);
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
                      "SELECT n::bigint AS n FROM generate_series(1, 120) AS n WHERE n > $1::bigint"
                          + " LIMIT $2",
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
    routes.download(
        "/probe/file",
        Role.STAFF,
        (call, download) -> {
          download.begin("text/csv", "file.csv");
          download.write("a,b\n");
        });
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

  static void isProblem(Answer answer, int status, String type) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().path("type").asText()).isEqualTo("urn:tollgate:problem:" + type);
    assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    assertThat(answer.json().path("title").asText()).isNotBlank();
    assertThat(answer.json().path("detail").asText()).isNotBlank();
  }
}
