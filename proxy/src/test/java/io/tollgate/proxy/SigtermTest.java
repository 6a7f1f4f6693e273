package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.limit.hazelcast.TestJvm;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM to the real program, in a JVM of its own, while a call is under way. */
@Timeout(300)
class SigtermTest {
  private static final int IN_ORDER = 143;
  private static final int UNITS = 100;

  @TempDir Path directory;
  private final CountDownLatch answer = new CountDownLatch(1);
  private final List<Integer> ports = new ArrayList<>();
  private FakeControlPlane controlPlane;
  private Origin origin;
  private @Nullable Process process;
  private int admin;

  @BeforeEach
  void start() throws Exception {
    controlPlane = new FakeControlPlane();
    OverLimit deny = new OverLimit(Behavior.DENY, 0, 0, List.of());
    controlPlane.put(
        Tenants.limited(
            "acme",
            new QuotaLimit("calls", "calls", Scope.TENANT, UNITS, null, deny, false, "plan:pro")));
    origin = new Origin(this::serve);
    for (int i = 0; i < 3; i++) {
      ports.add(FreePorts.one());
    }
    admin = ports.get(2);
  }

  @AfterEach
  void end() throws Exception {
    answer.countDown();
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
    origin.close();
    controlPlane.close();
  }

  /** Answers at once, but for a call whose end is told. */
  private void serve(Origin.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      if (head.startsWith("GET /slow ")) {
        origin.note(head);
        await(answer);
      }
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing is shipped by itself within this test, and no lease runs out. */
  private String settings(int number, int adminPort, String drain) {
    return """
        node: n%1$d
        data: "%2$s/n%1$d"
        listener: {host: 127.0.0.1, port: 0}
        admin: {port: %3$d}
        letterbox: {port: 0}
        cluster: {name: "sigterm-%4$d", port: %5$d, members: ["127.0.0.1:%4$d", "127.0.0.1:%6$d"]}
        control-plane: {url: "http://127.0.0.1:%7$d", token: {env: TOKEN}, timeout: 20s, ship: 1h}
        upstreams: {api: {addresses: ["127.0.0.1:%8$d"], response-timeout: 2m}}
        limits: {lease-ttl: 60s, answer-within: 10s, call-timeout: 10s}
        engine: {drain: %9$s}
        """
        .formatted(
            number,
            directory,
            adminPort,
            ports.get(0),
            ports.get(number),
            ports.get(1),
            controlPlane.port(),
            origin.port(),
            drain);
  }

  private Process startProgram(String drain) throws Exception {
    Path file = directory.resolve("proxy.yaml");
    Files.writeString(file, settings(0, admin, drain));
    ProcessBuilder program =
        new ProcessBuilder(
            TestJvm.command(
                ProxyMain.class,
                List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                List.of("--config", file.toString())));
    program.environment().put("TOKEN", FakeControlPlane.TOKEN);
    program.redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile());
    Process started = program.start();
    process = started;
    Await.until(() -> admin("GET /ready").startsWith("HTTP/1.1 200"));
    return started;
  }

  @Test
  void sigterm_endsTheCallUnderWay_ships_givesBackAndLeaves() throws Exception {
    Proxy other =
        Proxy.start(
            ProxyFile.parse(
                "other", settings(1, 0, "2s"), Map.of("TOKEN", FakeControlPlane.TOKEN)));
    try {
      Process program = startProgram("60s");
      Await.until(() -> other.cluster().members() == 2);
      int port = port();
      for (int i = 0; i < 40; i++) {
        assertThat(call(port)).startsWith("HTTP/1.1 200");
      }
      try (RawClient slow = new RawClient(port)) {
        slow.send("GET /slow HTTP/1.1\r\nHost: h\r\nX-Api-Key: acme-key\r\n\r\n");
        Await.until(() -> !origin.heads().isEmpty());
        program.destroy(); // SIGTERM
        Await.until(() -> admin("GET /ready").contains("the proxy is draining"));
        Await.untilClosed(port);
        assertThat(program.isAlive()).isTrue();
        assertThat(controlPlane.used("acme", "calls")).isZero();
        answer.countDown();
        assertThat(slow.response()).startsWith("HTTP/1.1 200").endsWith("ok");
        assertThat(slow.restOrReset()).isEmpty();
      }
      assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(program.exitValue()).isEqualTo(IN_ORDER);
      assertThat(controlPlane.used("acme", "calls")).isEqualTo(41);
      Await.until(() -> other.cluster().members() == 1);
      // What the program had leased and not used is there for the other, long before its end.
      for (int i = 41; i < UNITS; i++) {
        assertThat(call(other.port())).startsWith("HTTP/1.1 200");
      }
      assertThat(call(other.port())).startsWith("HTTP/1.1 429");
    } finally {
      other.stop();
    }
  }

  @Test
  void sigterm_waitsNoLongerThanItsBound() throws Exception {
    Process program = startProgram("300ms");
    int port = port();
    assertThat(call(port)).startsWith("HTTP/1.1 200");
    try (RawClient slow = new RawClient(port)) {
      slow.send("GET /slow HTTP/1.1\r\nHost: h\r\nX-Api-Key: acme-key\r\n\r\n");
      Await.until(() -> !origin.heads().isEmpty());
      program.destroy(); // SIGTERM
      assertThat(program.waitFor(60, TimeUnit.SECONDS)).as("the call would last 2 min").isTrue();
      assertThat(slow.restOrReset()).doesNotContain("200");
    }
    assertThat(program.exitValue()).isEqualTo(IN_ORDER);
    assertThat(controlPlane.used("acme", "calls")).as("what was answered").isEqualTo(1);
  }

  private int port() throws IOException {
    String answered = admin("GET /config");
    return new JsonObject(answered.substring(answered.indexOf("\r\n\r\n"))).getInteger("port");
  }

  private static String call(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Api-Key: acme-key\r\n\r\n").response();
    }
  }

  /** What the admin port says; empty where it is not open. */
  private String admin(String line) {
    try (RawClient client = new RawClient(admin)) {
      return client.send(line + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").rest();
    } catch (IOException e) {
      return "";
    }
  }
}
