package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.tenant.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A permit that lasts three seconds, and calls that last longer: only what runs keeps it. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class PermitTest {
  private static final long TTL_MILLIS = 3_000;
  private static final String KEY = "X-Api-Key: one-key\r\n\r\n";

  @TempDir static Path data;
  private static FakeControlPlane controlPlane;
  private static Origin origin;
  private static Proxy proxy;

  @BeforeAll
  static void start() throws Exception {
    controlPlane = new FakeControlPlane();
    origin = new Origin(PermitTest::serve);
    String settings =
        TestSettings.alone(data, controlPlane, "")
            + """
        upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
        engine: {drain: 2s}
        """
                .formatted(origin.port());
    controlPlane.put(oneAtATime());
    proxy = Proxy.start(TestSettings.parse(settings));
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.stop();
    origin.close();
    controlPlane.close();
  }

  /** Streams, speaks another protocol, or answers, and leaves it to the caller to go. */
  private static void serve(Origin.Connection connection) throws IOException {
    String head = connection.head();
    if (head.startsWith("GET /stream ")) {
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
      connection.rest();
    } else if (head.startsWith("GET /socket ")) {
      connection.send(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
      connection.rest();
    } else {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  }

  @Test
  void stream_keepsItsPermitAsLongAsItRuns() throws Exception {
    keepsItsPermit("GET /stream HTTP/1.1\r\nHost: h\r\n" + KEY, "HTTP/1.1 200");
  }

  @Test
  void upgradedConnection_keepsItsPermitAsLongAsItRuns() throws Exception {
    keepsItsPermit(
        "GET /socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n" + KEY,
        "HTTP/1.1 101");
  }

  private static void keepsItsPermit(String request, String answer) throws Exception {
    awaitAdmission();
    try (RawClient caller = new RawClient(proxy.port())) {
      assertThat(caller.send(request).head()).startsWith(answer);
      long until = System.nanoTime() + 3 * TTL_MILLIS / 2 * 1_000_000;
      while (System.nanoTime() < until) {
        assertThat(status()).isEqualTo("429");
        Thread.sleep(50);
      }
    }
    awaitAdmission();
    assertThat(proxy.cluster().limits().figures().lapsedPermits()).isZero();
  }

  private static void awaitAdmission() throws Exception {
    long until = System.nanoTime() + 20_000_000_000L;
    while (!status().equals("200")) {
      assertThat(System.nanoTime()).as("a free permit within 20 s").isLessThan(until);
      Thread.sleep(20);
    }
  }

  private static String status() throws IOException {
    try (RawClient caller = new RawClient(proxy.port())) {
      return caller.send("GET / HTTP/1.1\r\nHost: h\r\n" + KEY).head().split(" ", 3)[1];
    }
  }

  private static Entitlements oneAtATime() {
    return Sample.tenant("one")
        .key(Sha256.hex("one-key"))
        .permits("at-once", 1, Duration.ofMillis(TTL_MILLIS))
        .entitlements();
  }
}
