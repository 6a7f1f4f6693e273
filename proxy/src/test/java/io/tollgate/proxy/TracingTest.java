package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.RawClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Traces: what goes on upstream, and the spans that a collector gets. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class TracingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @TempDir static Path data;
  private static final List<JsonNode> spans = new CopyOnWriteArrayList<>();
  private static final List<String> authorizations = new CopyOnWriteArrayList<>();
  private static HttpServer collector;
  private static OperatedProxy operated;

  @BeforeAll
  static void start() throws Exception {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          JSON.readTree(exchange.getRequestBody())
              .findValues("spans")
              .forEach(batch -> batch.forEach(spans::add));
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    collector.start();
    operated = new OperatedProxy(data, collector.getAddress().getPort());
  }

  @AfterAll
  static void stop() throws Exception {
    operated.close();
    collector.stop(0);
  }

  @Test
  void trace_ofACallThatItsUpstreamBrokeOff_isAnError() throws Exception {
    String trace = "22f7651916cd43dd8448eb211c80319c";
    try (RawClient client = new RawClient(operated.proxy().port())) {
      client.send(
          "DELETE /broken HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\n"
              + ("traceparent: 00-" + trace + "-" + SPAN + "-01\r\n\r\n"));
      assertThat(client.restOrReset()).startsWith("HTTP/1.1 200").endsWith("half");
    }
    Await.until(() -> ofTrace(trace).size() == 2);
    for (JsonNode span : ofTrace(trace)) {
      assertThat(span.path("status").path("code").asInt()).as("the code of errors").isEqualTo(2);
      assertThat(span.path("attributes").toString())
          .contains("\"200\"")
          .doesNotContain("\"stringValue\":\"\"", "\"-1\"");
    }
  }

  @Test
  void trace_goesOnUpstream_andItsSpansToTheCollector() throws Exception {
    operated.call(
        "/traced",
        "X-Api-Key: ops-key\r\ntraceparent: 00-"
            + TRACE
            + "-"
            + SPAN
            + "-01\r\ntracestate: a=b\r\n");
    String head = operated.seen("/traced");
    assertThat(head).contains("traceparent: 00-" + TRACE + "-", "tracestate: a=b");
    assertThat(head).doesNotContain(SPAN);
    String upstream = head.substring(head.indexOf(TRACE) + 33, head.indexOf(TRACE) + 49);
    Await.until(() -> ofTrace(TRACE).size() == 2);
    JsonNode client = ofTrace(TRACE).stream().filter(is("kind", "3")).findFirst().orElseThrow();
    JsonNode server = ofTrace(TRACE).stream().filter(is("kind", "2")).findFirst().orElseThrow();
    assertThat(server.path("parentSpanId").asText()).isEqualTo(SPAN);
    assertThat(client.path("parentSpanId").asText()).isEqualTo(server.path("spanId").asText());
    assertThat(client.path("spanId").asText()).isEqualTo(upstream);
    assertThat(server.path("name").asText()).isEqualTo("GET all");
    assertThat(server.path("attributes").toString()).contains("tollgate.tenant", "\"ops\"");
    assertThat(nanos(server, "start")).isLessThanOrEqualTo(nanos(client, "start"));
    assertThat(nanos(client, "start")).isLessThan(nanos(client, "end"));
    assertThat(authorizations).contains("Bearer collector-token");
  }

  @Test
  void trace_notSampledOrUnreadable_goesOnWithoutSpans() throws Exception {
    String other = "11f7651916cd43dd8448eb211c80319c";
    operated.call(
        "/unsampled", "X-Api-Key: ops-key\r\ntraceparent: 00-" + other + "-" + SPAN + "-00\r\n");
    assertThat(operated.seen("/unsampled"))
        .containsPattern("traceparent: 00-" + other + "-[0-9a-f]{16}-00");
    operated.call(
        "/garbled",
        "X-Api-Key: ops-key\r\ntraceparent: 00-" + other + "-0-01\r\ntracestate: a=b\r\n");
    assertThat(operated.seen("/garbled"))
        .containsPattern("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00")
        .doesNotContain(other, "tracestate");
    operated.call("/absent", "X-Api-Key: ops-key\r\n");
    assertThat(operated.seen("/absent"))
        .containsPattern("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    Await.until(() -> spans.stream().anyMatch(span -> span.toString().contains("/first")));
    assertThat(ofTrace(other)).isEmpty();
  }

  private static List<JsonNode> ofTrace(String trace) {
    List<JsonNode> found = new ArrayList<>(spans);
    found.removeIf(is("traceId", trace).negate());
    return found;
  }

  private static Predicate<JsonNode> is(String key, String value) {
    return node -> node.path(key).asText().equals(value);
  }

  private static long nanos(JsonNode span, String which) {
    return Long.parseLong(span.path(which + "TimeUnixNano").asText());
  }
}
