package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.forward.TestCertificates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that ask too much, on raw sockets, and the one beside them who must not notice. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class DefenceTest extends DefenceBench {
  @Test
  void slowHeads_areClosedOn_alsoTheFirst_alsoDropByDrop() throws Exception {
    try (TestProxy proxy = proxy("header-timeout: 2s");
        RawClient silent = new RawClient(proxy.port());
        RawClient slow = new RawClient(proxy.port());
        RawClient second = new RawClient(proxy.port())) {
      slow.send("GET / HTTP/1.1\r\nHost: h\r\n");
      assertThat(second.send(GET).response()).startsWith("HTTP/1.1 200");
      second.send("GET / HTTP/1.1\r\n");
      for (int i = 0; i < 5; i++) {
        Thread.sleep(600);
        sendQuietly(second, "X-" + i + ": 1\r\n");
      }
      assertThat(slow.restOrReset()).isEmpty();
      assertThat(second.restOrReset()).isEmpty();
      assertThat(silent.restOrReset()).isEmpty();
      Await.until(() -> proxy.defended("slow_head") == 3);
      assertStillServes(proxy);
    }
  }

  @Test
  void refusedCallerThatSendsNoMoreAndStays_isClosedOnInTheEnd() throws Exception {
    try (TestProxy proxy = proxy("header-timeout: 2s");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n").rest())
          .startsWith("HTTP/1.1 400 ");
      Await.until(() -> proxy.metric("tollgate_connections") == 0);
    }
  }

  @Test
  void idleConnections_areClosed() throws Exception {
    try (TestProxy proxy = proxy("idle-timeout: 1s");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200");
      assertThat(client.restOrReset()).isEmpty();
      Await.until(() -> proxy.defended("idle") == 1);
    }
  }

  @Test
  void oneConnectionTooMany_isClosedUnread_andRoomComesBack() throws Exception {
    try (TestProxy proxy = proxy("connections-per-client: 3")) {
      List<RawClient> held = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        held.add(new RawClient(proxy.port()));
        assertThat(held.get(i).send(GET).response()).startsWith("HTTP/1.1 200");
      }
      try (RawClient fourth = new RawClient(proxy.port())) {
        assertThat(fourth.restOrReset()).isEmpty();
      }
      Await.until(() -> proxy.defended("connections_per_client") == 1);
      for (RawClient client : held) {
        client.close();
      }
      Await.until(() -> proxy.metric("tollgate_connections") == 0);
      assertStillServes(proxy);
    }
  }

  @Test
  void oneConnectionTooManyAltogether_isClosedUnread() throws Exception {
    try (TestProxy proxy = proxy("connections: 1");
        RawClient first = new RawClient(proxy.port())) {
      assertThat(first.send(GET).response()).startsWith("HTTP/1.1 200");
      try (RawClient second = new RawClient(proxy.port())) {
        assertThat(second.restOrReset()).isEmpty();
      }
      Await.until(() -> proxy.defended("connections") == 1);
    }
  }

  @Test
  void headsTooLarge_areRefused() throws Exception {
    try (TestProxy proxy = proxy("headers: 1KiB, request-line: 1KiB, header-count: 10")) {
      assertThat(answer(proxy, "GET /" + "a".repeat(2000) + " HTTP/1.1\r\nHost: h\r\n\r\n"))
          .matches("(?s)HTTP/1.[01] 414 .*");
      assertThat(answer(proxy, "GET / HTTP/1.1\r\nHost: h\r\nX: " + "a".repeat(2000) + "\r\n\r\n"))
          .matches("(?s)HTTP/1.[01] 431 .*");
      assertThat(answer(proxy, "GET / HTTP/1.1\r\nHost: h\r\n" + "X: 1\r\n".repeat(10) + "\r\n"))
          .matches("(?s)HTTP/1.[01] 431 .*");
      Await.until(() -> proxy.defended("header_size") == 2);
      Await.until(() -> proxy.defended("header_count") == 1);
    }
  }

  @Test
  void idleWebSocket_isClosed() throws Exception {
    try (Origin switching =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: websocket\r\n\r\n");
                  connection.rest();
                });
        TestProxy proxy =
            new TestProxy(
                directory.resolve("data"), switching.port(), "defence: {idle-timeout: 500ms}");
        RawClient caller = new RawClient(proxy.port())) {
      caller.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(caller.head()).startsWith("HTTP/1.1 101");
      assertThat(caller.restOrReset()).isEmpty();
      Await.until(() -> proxy.defended("idle") == 1);
      Await.until(() -> proxy.inFlight() == 0 && switching.open() == 0);
    }
  }

  @Test
  void silentTlsHandshake_isClosedOn() throws Exception {
    TestCertificates made = new TestCertificates(directory.resolve("ca")).leaf("server");
    try (TestProxy proxy =
            new TestProxy(
                directory.resolve("data"),
                origin.port(),
                "tls: {certificate: \"%s\", key: \"%s\"}, defence: {header-timeout: 500ms}"
                    .formatted(made.certificate("server"), made.key("server")));
        RawClient silent = new RawClient(proxy.port())) {
      assertThat(silent.restOrReset()).isEmpty();
      Await.until(() -> proxy.defended("slow_head") == 1);
    }
  }

  private static void sendQuietly(RawClient client, String text) {
    try {
      client.send(text);
    } catch (IOException e) {
      // Closed on, as it should be; what the test checks is what is then to be read.
    }
  }
}
