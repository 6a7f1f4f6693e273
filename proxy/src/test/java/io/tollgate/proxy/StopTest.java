package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.QuotaAlert;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Scope;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How a proxy goes down: each step while what the step needs is still there. Two of them share a
 * cluster; nothing is shipped by itself within this test, and no lease runs out.
 */
@Timeout(180)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class StopTest {
  private static final int BYTES = 4_500;

  @TempDir private Path data;
  private final CountDownLatch answer = new CountDownLatch(1);
  private final List<Integer> clusterPorts = new ArrayList<>();
  private FakeControlPlane controlPlane;
  private Origin origin;
  private Proxy first;
  private Proxy second;

  @BeforeEach
  void start() throws Exception {
    controlPlane = new FakeControlPlane();
    origin = new Origin(this::serve);
    clusterPorts.add(FreePorts.one());
    clusterPorts.add(FreePorts.one());
    first = proxy(0);
    second = proxy(1);
    Await.until(() -> first.cluster().members() == 2 && second.cluster().members() == 2);
  }

  @AfterEach
  void end() throws Exception {
    answer.countDown();
    first.stop();
    second.stop();
    origin.close();
    controlPlane.close();
  }

  private Proxy proxy(int number) throws StartFailure {
    String settings =
        """
        node: n%1$d
        data: "%2$s/n%1$d"
        listener: {host: 127.0.0.1, port: 0}
        admin: {port: 0}
        letterbox: {port: 0}
        cluster: {name: "stop-%3$d", port: %4$d, members: ["127.0.0.1:%3$d", "127.0.0.1:%5$d"]}
        control-plane: {url: "http://127.0.0.1:%6$d", token: {env: TOKEN}, timeout: 20s, ship: 1h}
        upstreams: {api: {addresses: ["127.0.0.1:%7$d"]}}
        limits: {lease-ttl: 60s, answer-within: 10s}
        engine: {drain: 60s}
        routes:
          - {name: slow, match: {path: /slow}, meters: {out: {of: response-bytes}}}
          - {name: rest}
        """
            .formatted(
                number,
                data,
                clusterPorts.get(0),
                clusterPorts.get(number),
                clusterPorts.get(1),
                controlPlane.port(),
                origin.port());
    return Proxy.start(ProxyFile.parse("test", settings, Map.of("TOKEN", FakeControlPlane.TOKEN)));
  }

  /** Answers at once, but for a call whose end is told. */
  private void serve(Origin.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      boolean slow = head.startsWith("GET /slow ");
      if (slow) {
        origin.note(head);
        awaitAnswer();
      }
      connection.send(
          slow
              ? "HTTP/1.1 200 OK\r\nContent-Length: " + BYTES + "\r\n\r\n" + "x".repeat(BYTES)
              : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  }

  private void awaitAnswer() {
    try {
      answer.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void stop_endsWhatRuns_givesBack_ships_andLeavesLast() throws Exception {
    quota("late", "out", 5_000);
    quota("shared", "calls", 200);
    int spent = 0;
    for (int i = 0; i < 60; i++) {
      spent += call(first, "/", "shared").startsWith("HTTP/1.1 200") ? 1 : 0;
    }
    assertThat(spent).isEqualTo(60);
    try (RawClient slow = new RawClient(first.port())) {
      slow.send("GET /slow HTTP/1.1\r\nHost: h\r\nX-Api-Key: late-key\r\n\r\n");
      Await.until(() -> !origin.heads().isEmpty());
      Thread stopping = Thread.ofPlatform().start(first::stop);
      Await.until(() -> admin(first, "GET /ready").contains("the proxy is draining"));
      Await.untilClosed(first.port());
      first.stop();
      assertThat(stopping.isAlive()).as("a second stop waits for nothing").isTrue();

      List<String> heard = new CopyOnWriteArrayList<>();
      controlPlane.onMessage(what -> heard.add(what + " among " + second.cluster().members()));
      answer.countDown();
      assertThat(slow.response()).as("the call under way").startsWith("HTTP/1.1 200");
      stopping.join();

      // What the call cost was known when it ended: it passed a threshold, and was counted.
      assertThat(heard).contains("alerts among 2", "usage among 2");
      assertThat(controlPlane.alerts("late")).extracting(QuotaAlert::percent).containsExactly(80);
      assertThat(controlPlane.used("late", "out")).isEqualTo(BYTES);
      assertThat(controlPlane.used("shared", "calls")).isEqualTo(60);
      Await.until(() -> second.cluster().members() == 1);
    }
    // What the first had leased and not used is there for the second, long before it would run out.
    for (int i = 0; i < 10; i++) {
      spent += call(second, "/", "shared").startsWith("HTTP/1.1 200") ? 1 : 0;
    }
    assertThat(spent).isEqualTo(70);
    List<String> heard = new CopyOnWriteArrayList<>();
    controlPlane.onMessage(heard::add);
    second.stop();
    // Nobody is left: the root has back what was not used, and hears what was used after that.
    assertThat(controlPlane.granted("shared", "calls")).isEqualTo(70);
    assertThat(controlPlane.used("shared", "calls")).isEqualTo(70);
    assertThat(heard.lastIndexOf("blocks")).isBetween(0, heard.indexOf("usage"));
  }

  private void quota(String tenant, String meter, long units) {
    OverLimit over = new OverLimit(Behavior.DENY, 0, 0, List.of(80, 100));
    controlPlane.put(
        Tenants.limited(
            tenant,
            new QuotaLimit(meter, meter, Scope.TENANT, units, null, over, false, "plan:pro")));
  }

  private static String call(Proxy proxy, String path, String tenant) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      String request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nX-Api-Key: " + tenant;
      return client.send(request + "-key\r\n\r\n").head();
    }
  }

  private static String admin(Proxy proxy, String line) throws IOException {
    try (RawClient client = new RawClient(proxy.adminPort())) {
      return client.send(line + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").rest();
    }
  }
}
