package io.tollgate.proxy.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.entitlement.Wire;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LetterboxTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<UsageTotals> kept = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private Letterbox letterbox;
  private volatile boolean busy;

  @BeforeEach
  void open() throws Exception {
    letterbox = await(Letterbox.open(vertx, new Endpoint("127.0.0.1", 0), this::keep));
  }

  @AfterEach
  void closeAll() throws Exception {
    client.close();
    await(vertx.close());
  }

  private Future<UsageReceipt> keep(UsageTotals totals) {
    if (busy) {
      return Future.failedFuture("the journal is busy");
    }
    kept.add(totals);
    return Future.succeededFuture(
        new UsageReceipt(1, totals.sequence(), totals.totals().size(), List.of()));
  }

  @Test
  void post_goldenTotals_isJournalledAndReceipted() throws Exception {
    byte[] golden;
    try (var in = UsageTotals.class.getResourceAsStream("golden/UsageTotals.json")) {
      golden = in == null ? new byte[0] : in.readAllBytes();
    }
    HttpResponse<String> answer = post("/letterbox", golden);
    assertThat(answer.statusCode()).isEqualTo(200);
    UsageReceipt receipt =
        Wire.read(answer.body().getBytes(StandardCharsets.UTF_8), UsageReceipt.class);
    assertThat(receipt).isEqualTo(new UsageReceipt(1, 17, 2, List.of()));
    assertThat(kept).containsExactly(Wire.read(golden, UsageTotals.class));
  }

  @Test
  void post_garbage_isAProblem() throws Exception {
    for (String body :
        List.of(
            "",
            "null",
            "{",
            "[]",
            "{}",
            "{\"format\":1,\"source\":\"a\",\"incarnation\":\"b\",\"sequence\":1,\"totals\":null}",
            "{\"format\":2,\"source\":\"a\",\"incarnation\":\"b\",\"sequence\":1,\"totals\":[]}",
            "{\"format\":1,\"source\":\"a\",\"incarnation\":\"b\",\"sequence\":1,\"totals\":[{"
                + "\"tenant\":\"t\",\"meter\":\"m\",\"hour\":\"2026-03-01T10:10:00Z\",\"total\":1}]}",
            "{\"format\":1,\"source\":\"a\",\"incarnation\":\"b\",\"sequence\":1,\"totals\":[{"
                + "\"tenant\":\"t\",\"meter\":\"m\",\"hour\":\"2026-03-01T10:00:00Z\",\"total\":-1}]}")) {
      HttpResponse<String> answer = post("/letterbox", body.getBytes(StandardCharsets.UTF_8));
      assertThat(answer.statusCode()).as(body).isEqualTo(400);
      assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
      assertThat(answer.body()).contains("\"status\":400");
    }
    assertThat(kept).isEmpty();
    assertThat(letterbox.turnedAway()).isEqualTo(9);
  }

  @Test
  void post_tooLongOrElsewhereOrBusy_saysSo() throws Exception {
    assertThat(post("/letterbox", new byte[Letterbox.LONGEST + 1]).statusCode()).isEqualTo(413);
    assertThat(post("/other", new byte[0]).statusCode()).isEqualTo(404);
    HttpRequest get = HttpRequest.newBuilder(uri("/letterbox")).build();
    assertThat(client.send(get, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(405);
    busy = true;
    String empty =
        "{\"format\":1,\"source\":\"a\",\"incarnation\":\"b\",\"sequence\":1,\"totals\":[]}";
    HttpResponse<String> answer = post("/letterbox", empty.getBytes(StandardCharsets.UTF_8));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).hasValue("1");
  }

  private HttpResponse<String> post(String path, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri(path))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + letterbox.port() + path);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
