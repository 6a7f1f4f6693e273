package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.tollgate.contract.Access;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What operators see: access log, traces, settings, log level. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class OperationsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @TempDir static Path data;
  private static final List<JsonNode> spans = new CopyOnWriteArrayList<>();
  private static final List<String> authorizations = new CopyOnWriteArrayList<>();
  private static final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private static FakeControlPlane controlPlane;
  private static HttpServer collector;
  private static Origin origin;
  private static Origin broken;
  private static Proxy proxy;
  private static String settings;

  @BeforeAll
  static void start() throws Exception {
    listen();
    controlPlane = new FakeControlPlane();
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
    origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    broken =
        new Origin(
            connection -> {
              if (connection.head().startsWith("PUT /silent ")) {
                connection.rest();
              } else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
              }
            });
    int cluster;
    try (ServerSocket free = new ServerSocket(0)) {
      cluster = free.getLocalPort();
    }
    settings =
        """
        node: operations
        data: "%s"
        listener: {host: 127.0.0.1, port: 0}
        admin: {port: 0}
        letterbox: {port: 0}
        cluster: {name: "operations-test", port: %d}
        control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s}
        limits: {answer-within: 10s}
        upstreams:
          api: {addresses: ["127.0.0.1:%d"]}
          broken: {addresses: ["127.0.0.1:%d"]}
        engine: {transports: [nio], drain: 2s, access-log: 1, via: true}
        tracing:
          endpoint: "http://127.0.0.1:%d/v1/traces"
          authorization: {env: COLLECTOR}
          sample: 1000000
        routes:
          - {name: all, match: {methods: [GET, POST]}, upstream: api, response-timeout: 30500ms}
          - {name: silent, match: {path: /silent}, upstream: broken, response-timeout: 300ms}
          - {name: broken, upstream: broken}
        """
            .formatted(
                data,
                cluster,
                controlPlane.port(),
                origin.port(),
                broken.port(),
                collector.getAddress().getPort());
    proxy = Proxy.start(parse(settings));
    controlPlane.put(ProxyTest.tenant("ops", "ops-key", Access.FULL, 1, List.of()));
    call("/first", ""); // one in a million: the first begins a sampled trace
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.stop();
    origin.close();
    broken.close();
    collector.stop(0);
    controlPlane.close();
  }

  @Test
  void accessLog_isJsonAndSaysWhatBecameOfACall() throws Exception {
    call("/logged?api_key=ops-key&secret=1", "X-Api-Key: ops-key\r\n");
    call("/refused", "X-Api-Key: nobody\r\n");
    await(() -> line("/logged").isObject() && line("/refused").isObject());
    JsonNode logged = line("/logged");
    assertThat(logged.path("tollgate.tenant").asText()).isEqualTo("ops");
    assertThat(logged.path("tollgate.route").asText()).isEqualTo("all");
    assertThat(logged.path("tollgate.decision").asText()).isEqualTo("forward");
    assertThat(logged.path("tollgate.upstream").asText()).isEqualTo("api");
    assertThat(logged.path("http.response.status_code").asInt()).isEqualTo(200);
    assertThat(logged.path("http.response.body.bytes").asInt()).isEqualTo(2);
    long head = logged.path("tollgate.upstream.head").asLong();
    long there = logged.path("tollgate.upstream.duration").asLong();
    assertThat(logged.path("event.duration").asLong()).isGreaterThanOrEqualTo(there);
    assertThat(there).isGreaterThanOrEqualTo(head);
    assertThat(head).isPositive();
    JsonNode refused = line("/refused");
    assertThat(refused.path("tollgate.decision").asText()).isEqualTo("unknown_tenant");
    assertThat(refused.path("http.response.status_code").asInt()).isEqualTo(401);
    assertThat(refused.has("tollgate.upstream")).isFalse();
    controlPlane.put(ProxyTest.scarce("spent"));
    for (int i = 0; i < 60; i++) {
      call("/spent", "X-Api-Key: spent-key\r\n");
    }
    await(() -> log.toString(StandardCharsets.UTF_8).contains("\"tollgate.decision\":\"rate\""));
    assertThat(log.toString(StandardCharsets.UTF_8))
        .containsPattern("\"/spent\".*429.*\"tollgate.denial\":\"[^\"]+\"");
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("ops-key", "secret=1");
  }

  @Test
  void accessLog_saysWhatWasNoHttp_andWhoSentIt() throws Exception {
    String long8k = "/" + "x".repeat(9_000);
    raw("GET /folded HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400);
    raw("GET " + long8k + " HTTP/1.1\r\nHost: h\r\n\r\n", 414);
    raw("GET /many HTTP/1.1\r\nHost: h\r\n" + "X: a\r\n".repeat(200) + "\r\n", 431);
    raw("CONNECT tunnel:443 HTTP/1.1\r\nHost: tunnel:443\r\n\r\n", 501);
    raw(
        "POST /chunked HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\nTransfer-Encoding: chunked\r\n"
            + "\r\nzz\r\n",
        400);
    for (String path : List.of("/folded", "/many", "tunnel:443", "/chunked")) {
      await(() -> line(path).isObject());
    }
    assertThat(line("/folded").path("tollgate.decision").asText()).isEqualTo("malformed");
    assertThat(line("/folded").path("http.response.status_code").asInt()).isEqualTo(400);
    assertThat(line("/folded").path("client.address").asText()).isEqualTo("127.0.0.1");
    assertThat(line("/many").path("tollgate.decision").asText()).isEqualTo("too_large");
    assertThat(line("/many").path("http.response.status_code").asInt()).isEqualTo(431);
    assertThat(line("tunnel:443").path("tollgate.decision").asText()).isEqualTo("not_spoken");
    assertThat(line("/chunked").path("http.response.status_code").asInt()).isEqualTo(400);
    assertThat(line("/chunked").path("tollgate.end").asText()).isEqualTo("MALFORMED");
    String tooLong = "\"http.response.status_code\":414";
    await(() -> log.toString(StandardCharsets.UTF_8).contains(tooLong));
  }

  @Test
  void via_isAddedBothWays_whereTheSettingSaysSo() throws Exception {
    try (RawClient client = new RawClient(proxy.port())) {
      client.send("GET /via HTTP/1.0\r\nX-Api-Key: ops-key\r\nVia: 1.1 first\r\n\r\n");
      assertThat(client.rest())
          .startsWith("HTTP/1.")
          .containsIgnoringCase("\r\nVia: 1.1 operations\r\n");
    }
    assertThat(seen("/via"))
        .containsIgnoringCase("\r\nVia: 1.1 first\r\n")
        .containsIgnoringCase("\r\nVia: 1.0 operations\r\n");
  }

  @Test
  void routesOwnTimeout_is504_longBeforeItsUpstreams() throws Exception {
    raw("PUT /silent HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\nConnection: close\r\n\r\n", 504);
  }

  /** Its caller may send the body or its next request: nobody could tell one from the other. */
  @Test
  void refusalOfACallThatAwaits100_endsItsConnection() throws Exception {
    String post = "POST /awaits HTTP/1.1\r\nHost: h\r\nX-Api-Key: nobody\r\n";
    try (RawClient client = new RawClient(proxy.port())) {
      client.send(post + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      String answer = client.response();
      assertThat(answer).startsWith("HTTP/1.1 401").containsIgnoringCase("\r\nconnection: close");
      client.send("GET /after HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\n\r\n");
      assertThat(client.restOrReset()).isEmpty();
    }
    assertThat(seen("/after")).isEmpty();
    try (RawClient client = new RawClient(proxy.port())) {
      client.send(post + "Content-Length: 3\r\n\r\nabc");
      assertThat(client.response()).startsWith("HTTP/1.1 401");
      assertThat(client.send(post + "\r\n").response()).startsWith("HTTP/1.1 401");
    }
  }

  private static void raw(String request, int status) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send(request).restOrReset()).matches("(?s)HTTP/1.[01] " + status + " .*");
    }
  }

  @Test
  void trace_ofACallThatItsUpstreamBrokeOff_isAnError() throws Exception {
    String trace = "22f7651916cd43dd8448eb211c80319c";
    try (RawClient client = new RawClient(proxy.port())) {
      client.send(
          "DELETE /broken HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\n"
              + ("traceparent: 00-" + trace + "-" + SPAN + "-01\r\n\r\n"));
      assertThat(client.restOrReset()).startsWith("HTTP/1.1 200").endsWith("half");
    }
    await(() -> ofTrace(trace).size() == 2);
    for (JsonNode span : ofTrace(trace)) {
      assertThat(span.path("status").path("code").asInt()).as("the code of errors").isEqualTo(2);
      assertThat(span.path("attributes").toString())
          .contains("\"200\"")
          .doesNotContain("\"stringValue\":\"\"", "\"-1\"");
    }
  }

  @Test
  void trace_goesOnUpstream_andItsSpansToTheCollector() throws Exception {
    call(
        "/traced",
        "X-Api-Key: ops-key\r\ntraceparent: 00-"
            + TRACE
            + "-"
            + SPAN
            + "-01\r\ntracestate: a=b\r\n");
    String head = seen("/traced");
    assertThat(head).contains("traceparent: 00-" + TRACE + "-", "tracestate: a=b");
    assertThat(head).doesNotContain(SPAN);
    String upstream = head.substring(head.indexOf(TRACE) + 33, head.indexOf(TRACE) + 49);
    await(() -> ofTrace(TRACE).size() == 2);
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
    call("/unsampled", "X-Api-Key: ops-key\r\ntraceparent: 00-" + other + "-" + SPAN + "-00\r\n");
    assertThat(seen("/unsampled")).containsPattern("traceparent: 00-" + other + "-[0-9a-f]{16}-00");
    call(
        "/garbled",
        "X-Api-Key: ops-key\r\ntraceparent: 00-" + other + "-0-01\r\ntracestate: a=b\r\n");
    assertThat(seen("/garbled"))
        .containsPattern("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00")
        .doesNotContain(other, "tracestate");
    call("/absent", "X-Api-Key: ops-key\r\n");
    assertThat(seen("/absent")).containsPattern("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    await(() -> spans.stream().anyMatch(span -> span.toString().contains("/first")));
    assertThat(ofTrace(other)).isEmpty();
  }

  @Test
  void config_showsWhatIsInForce_withoutSecrets() throws Exception {
    JsonNode shown = config();
    assertThat(shown.path("node").asText()).isEqualTo("operations");
    assertThat(shown.path("control-plane").path("token").asText()).isEqualTo("(secret)");
    assertThat(shown.path("tracing").path("authorization").asText()).isEqualTo("(secret)");
    assertThat(shown.path("routes").path(0).path("response-timeout").asText()).isEqualTo("30500ms");
    assertThat(shown.path("identification").path("sources").toString()).contains("X-Api-Key");
    assertThat(shown.path("port").asInt()).isEqualTo(proxy.port());
    assertThat(shown.toString()).doesNotContain("proxy-token", "collector-token");
    proxy.reload(parse(settings.replace("name: all", "name: renamed")));
    assertThat(config().path("routes").path(0).path("name").asText()).isEqualTo("renamed");
    proxy.reload(parse(settings));
  }

  @Test
  void logLevel_changesWhileItRuns() throws Exception {
    assertThat(admin("POST /log?level=debug&logger=io.tollgate.ops")).startsWith("HTTP/1.1 200");
    assertThat(LoggerFactory.getLogger("io.tollgate.ops").isDebugEnabled()).isTrue();
    assertThat(admin("POST /log?level=warn&logger=io.tollgate.ops")).startsWith("HTTP/1.1 200");
    assertThat(LoggerFactory.getLogger("io.tollgate.ops").isInfoEnabled()).isFalse();
    assertThat(admin("POST /log?level=loud")).startsWith("HTTP/1.1 400");
    assertThat(admin("GET /log?level=debug")).startsWith("HTTP/1.1 405");
  }

  /** The access log's lines, as the shipped pattern writes them. */
  private static void listen() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(log);
    appender.start();
    Logger access = context.getLogger("io.tollgate.access");
    access.setLevel(Level.INFO);
    access.setAdditive(false);
    access.addAppender(appender);
  }

  private static JsonNode line(String path) {
    for (String line : log.toString(StandardCharsets.UTF_8).split("\n", -1)) {
      JsonNode read = read(line);
      if (read.path("url.path").asText().equals(path)) {
        return read;
      }
    }
    return JSON.missingNode();
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      return JSON.nullNode(); // a line being written
    }
  }

  private static List<JsonNode> ofTrace(String trace) {
    List<JsonNode> found = new ArrayList<>(spans);
    found.removeIf(is("traceId", trace).negate());
    return found;
  }

  private static java.util.function.Predicate<JsonNode> is(String key, String value) {
    return node -> node.path(key).asText().equals(value);
  }

  private static long nanos(JsonNode span, String which) {
    return Long.parseLong(span.path(which + "TimeUnixNano").asText());
  }

  private static JsonNode config() throws IOException {
    String answer = admin("GET /config");
    return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
  }

  private static String seen(String path) {
    return origin.heads().stream()
        .filter(head -> head.startsWith("GET " + path))
        .findFirst()
        .orElse("");
  }

  private static void call(String target, String fields) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      String sent = fields.isEmpty() ? "X-Api-Key: ops-key\r\n" : fields;
      String answer =
          client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + sent + "\r\n").response();
      assertThat(answer).startsWith("HTTP/1.1 ");
    }
  }

  private static String admin(String line) throws IOException {
    try (RawClient client = new RawClient(proxy.adminPort())) {
      return client.send(line + " HTTP/1.1\r\nHost: h\r\n\r\n").response();
    }
  }

  private static io.tollgate.proxy.config.ProxySettings parse(String text) {
    return ProxyFile.parse(
        "test",
        text,
        Map.of("TOKEN", FakeControlPlane.TOKEN, "COLLECTOR", "Bearer collector-token"));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 1500 && !condition.getAsBoolean(); i++) {
      Thread.sleep(20);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
