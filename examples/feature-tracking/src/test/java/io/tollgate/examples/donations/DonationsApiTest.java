package io.tollgate.examples.donations;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API over real HTTP. */
class DonationsApiTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-01T10:00:00Z"), ZoneOffset.UTC);

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", new DonationsApi(new Organisations(), CLOCK));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    client.close();
  }

  @Test
  void donate_toKnownCause_isKeptAndReceipted() throws Exception {
    HttpResponse<String> donated =
        post("/donations", "cause=goshala&donor=Asha%20Rao&amount=501.50");
    assertThat(donated.statusCode()).isEqualTo(201);
    assertThat(donated.body())
        .isEqualTo(
            "{\"number\":1,\"cause\":\"goshala\",\"donor\":\"Asha Rao\",\"amount\":\"501.50\","
                + "\"currency\":\"INR\",\"given\":\"2026-03-01T10:00:00Z\"}");
    assertThat(get("/donations/1").body()).isEqualTo(donated.body());
    HttpResponse<String> receipt = get("/donations/1/receipt");
    assertThat(receipt.headers().firstValue("Content-Type")).contains("application/pdf");
    assertThat(receipt.body()).startsWith("%PDF-1.4").contains("(501.50 INR for goshala)");
    assertThat(get("/analytics/donors").body()).isEqualTo("{\"Asha Rao\":\"501.50\"}");
  }

  @Test
  void donate_toUnknownCause_is422() throws Exception {
    assertThat(post("/donations", "cause=nothing&amount=1").statusCode()).isEqualTo(422);
    assertThat(post("/donations", "cause=goshala&amount=-1").statusCode()).isEqualTo(422);
    assertThat(get("/donations").body()).isEqualTo("[]");
  }

  @Test
  void addCause_ofOneOrganisation_isNotAnothers() throws Exception {
    assertThat(post("/causes", "key=well&title=A%20%22well%22").statusCode()).isEqualTo(201);
    assertThat(get("/causes").body()).contains("{\"key\":\"well\",\"title\":\"A \\\"well\\\"\"}");
    HttpRequest other = request("/causes").setHeader("X-Tollgate-Tenant", "other").build();
    assertThat(client.send(other, BodyHandlers.ofString()).body()).doesNotContain("well");
  }

  @Test
  void handle_withoutTenant_is400ButHealthAnswers() throws Exception {
    URI root = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    HttpRequest nobody = HttpRequest.newBuilder(root.resolve("/causes")).build();
    assertThat(client.send(nobody, BodyHandlers.ofString()).statusCode()).isEqualTo(400);
    HttpRequest health = HttpRequest.newBuilder(root.resolve("/health")).build();
    assertThat(client.send(health, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  @Test
  void handle_withUnknownPath_is404() throws Exception {
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
    assertThat(get("/donations/99").statusCode()).isEqualTo(404);
    assertThat(get("/donations/99999999999999999999").statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String form)
      throws IOException, InterruptedException {
    return client.send(
        request(path).POST(BodyPublishers.ofString(form)).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path))
        .setHeader("X-Tollgate-Tenant", "dharma-gau-raksha");
  }
}
