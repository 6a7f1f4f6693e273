package io.tollgate.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.web.TestApi.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What callers send: bodies, and the keys that make them count once. */
class PostTest extends WebBench {
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
    byte[] latin = "{\"name\": \"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    isProblem(api.as("admin").send("POST", "/probe/things", latin), 400, "malformed");
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
}
