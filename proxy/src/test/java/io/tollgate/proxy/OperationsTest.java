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
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What operators see and set: access log, settings, log level. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class OperationsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NOBODY = 9; // no collector: what is lost is not asked for here

  @TempDir static Path data;
  private static final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private static OperatedProxy operated;

  @BeforeAll
  static void start() throws Exception {
    listen();
    operated = new OperatedProxy(data, NOBODY);
  }

  @AfterAll
  static void stop() throws Exception {
    operated.close();
  }

  @Test
  void accessLog_isJsonAndSaysWhatBecameOfACall() throws Exception {
    operated.call("/logged?api_key=ops-key&secret=1", "X-Api-Key: ops-key\r\n");
    operated.call("/refused", "X-Api-Key: nobody\r\n");
    Await.until(() -> line("/logged").isObject() && line("/refused").isObject());
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
    operated.put(Tenants.scarce("spent"));
    for (int i = 0; i < 60; i++) {
      operated.call("/spent", "X-Api-Key: spent-key\r\n");
    }
    Await.until(
        () -> log.toString(StandardCharsets.UTF_8).contains("\"tollgate.decision\":\"rate\""));
    assertThat(log.toString(StandardCharsets.UTF_8))
        .containsPattern("\"/spent\".*429.*\"tollgate.denial\":\"[^\"]+\"");
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("ops-key", "secret=1");
  }

  @Test
  void accessLog_saysWhatWasNoHttp_andWhoSentIt() throws Exception {
    String long8k = "/" + "x".repeat(9_000);
    operated.raw("GET /folded HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400);
    operated.raw("GET " + long8k + " HTTP/1.1\r\nHost: h\r\n\r\n", 414);
    operated.raw("GET /many HTTP/1.1\r\nHost: h\r\n" + "X: a\r\n".repeat(200) + "\r\n", 431);
    operated.raw("CONNECT tunnel:443 HTTP/1.1\r\nHost: tunnel:443\r\n\r\n", 501);
    operated.raw(
        "POST /chunked HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\nTransfer-Encoding: chunked\r\n"
            + "\r\nzz\r\n",
        400);
    for (String path : List.of("/folded", "/many", "tunnel:443", "/chunked")) {
      Await.until(() -> line(path).isObject());
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
    Await.until(() -> log.toString(StandardCharsets.UTF_8).contains(tooLong));
  }

  @Test
  void via_isAddedBothWays_whereTheSettingSaysSo() throws Exception {
    try (RawClient client = new RawClient(operated.proxy().port())) {
      client.send("GET /via HTTP/1.0\r\nX-Api-Key: ops-key\r\nVia: 1.1 first\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.").containsIgnoringCase("\r\nVia: 1.1 test\r\n");
    }
    assertThat(operated.seen("/via"))
        .containsIgnoringCase("\r\nVia: 1.1 first\r\n")
        .containsIgnoringCase("\r\nVia: 1.0 test\r\n");
  }

  @Test
  void routesOwnTimeout_is504_longBeforeItsUpstreams() throws Exception {
    operated.raw(
        "PUT /silent HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\nConnection: close\r\n\r\n", 504);
  }

  /** Its caller may send the body or its next request: nobody could tell one from the other. */
  @Test
  void refusalOfACallThatAwaits100_endsItsConnection() throws Exception {
    String post = "POST /awaits HTTP/1.1\r\nHost: h\r\nX-Api-Key: nobody\r\n";
    try (RawClient client = new RawClient(operated.proxy().port())) {
      client.send(post + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      String answer = client.response();
      assertThat(answer).startsWith("HTTP/1.1 401").containsIgnoringCase("\r\nconnection: close");
      client.send("GET /after HTTP/1.1\r\nHost: h\r\nX-Api-Key: ops-key\r\n\r\n");
      assertThat(client.restOrReset()).isEmpty();
    }
    assertThat(operated.seen("/after")).isEmpty();
    try (RawClient client = new RawClient(operated.proxy().port())) {
      client.send(post + "Content-Length: 3\r\n\r\nabc");
      assertThat(client.response()).startsWith("HTTP/1.1 401");
      assertThat(client.send(post + "\r\n").response()).startsWith("HTTP/1.1 401");
    }
  }

  @Test
  void config_showsWhatIsInForce_withoutSecrets() throws Exception {
    JsonNode shown = operated.config();
    assertThat(shown.path("node").asText()).isEqualTo("test");
    assertThat(shown.path("control-plane").path("token").asText()).isEqualTo("(secret)");
    assertThat(shown.path("tracing").path("authorization").asText()).isEqualTo("(secret)");
    assertThat(shown.path("routes").path(0).path("response-timeout").asText()).isEqualTo("30500ms");
    assertThat(shown.path("identification").path("sources").toString()).contains("X-Api-Key");
    assertThat(shown.path("port").asInt()).isEqualTo(operated.proxy().port());
    assertThat(shown.toString()).doesNotContain("proxy-token", "collector-token");
    operated.reload("name: all", "name: renamed");
    assertThat(operated.config().path("routes").path(0).path("name").asText()).isEqualTo("renamed");
    operated.reload("name: all", "name: all");
  }

  @Test
  void logLevel_changesWhileItRuns() throws Exception {
    assertThat(operated.admin("POST /log?level=debug&logger=io.tollgate.ops"))
        .startsWith("HTTP/1.1 200");
    assertThat(LoggerFactory.getLogger("io.tollgate.ops").isDebugEnabled()).isTrue();
    assertThat(operated.admin("POST /log?level=warn&logger=io.tollgate.ops"))
        .startsWith("HTTP/1.1 200");
    assertThat(LoggerFactory.getLogger("io.tollgate.ops").isInfoEnabled()).isFalse();
    assertThat(operated.admin("POST /log?level=loud")).startsWith("HTTP/1.1 400");
    assertThat(operated.admin("GET /log?level=debug")).startsWith("HTTP/1.1 405");
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
}
