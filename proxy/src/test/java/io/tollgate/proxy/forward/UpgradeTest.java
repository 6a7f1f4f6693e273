package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 connections that leave HTTP: whether they do, and how each side ends. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class UpgradeTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";
  private static final String ASK =
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

  @Test
  void webSocketUpgrade_bytesPassBothWays() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  assertThat(connection.head())
                      .containsIgnoringCase("connection: upgrade")
                      .containsIgnoringCase("upgrade: websocket")
                      .contains("Sec-WebSocket-Key: x");
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\nhello");
                  assertThat(connection.read(4)).isEqualTo("ping");
                  connection.send("pong");
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        client.send(
            "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: x\r\n\r\n");
        assertThat(client.head())
            .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
            .contains("Sec-WebSocket-Accept: y");
        assertThat(client.read(5)).isEqualTo("hello");
        assertThat(client.send("ping").rest()).isEqualTo("pong");
      }
      Await.until(() -> bench.ends().contains("TUNNELLED"));
    }
  }

  @Test
  void webSocketUpgradeRefused_keepsStatusFieldsAndBody() throws Exception {
    try (Origin origin =
            Origin.answering("HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 403").contains("X-Why: no").endsWith("no");
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void postThatAsksToUpgrade_isAnsweredWithoutIt() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  String head = connection.head();
                  connection.send(
                      head.contains("pgrade")
                          ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                              + "Upgrade: tcp\r\n\r\n"
                          : OK);
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
              + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 200").endsWith("ok");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5_000, 300_000})
  void whatComesBehindTheUpgrade_arrivesAfterIts101(int length) throws Exception {
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  Origin.take(go);
                  if (connection.in().available() > 0) {
                    throw new IOException("HTTP's end was not awaited");
                  }
                  connection.send(SWITCH);
                  connection.send("heard " + connection.read(length + 4));
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      String early = "GET / HTTP/1.1\r\n\0".repeat(1 + length / 17).substring(0, length);
      client.send(ASK + early);
      Await.until(() -> !bench.calls().isEmpty());
      go.add("switch");
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      client.send("late");
      assertThat(client.read(6 + length + 4)).isEqualTo("heard " + early + "late");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "h2c", "websocket, h2c"})
  void whatComesBehindARefusedUpgrade_isTheNextRequest(String protocol) throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      String ask = ASK.replace("Upgrade: x", "Upgrade: " + protocol);
      String body = ask.replace("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc");
      String next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
      client.send(next + ask + next + body + next + ask);
      for (int i = 0; i < 6; i++) {
        assertThat(client.response()).startsWith("HTTP/1.1 403 No").endsWith("\r\n\r\nno");
      }
    }
  }

  @Test
  void callerEndsItsSide_andStillHearsTheAnswer() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  connection.send("heard " + connection.rest());
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(ASK).head()).startsWith("HTTP/1.1 101");
      assertThat(client.send("last words").endOutput().rest()).isEqualTo("heard last words");
      Await.until(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
    }
  }

  @Test
  void upstreamEndsItsSide_andStillHearsTheCaller() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH + "bye");
                  connection.endOutput();
                  heard.add(connection.rest());
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        assertThat(client.send(ASK).head()).startsWith("HTTP/1.1 101");
        assertThat(client.rest()).isEqualTo("bye");
        client.send("still here");
      }
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("still here");
      Await.until(() -> bench.ends().contains("TUNNELLED"));
    }
  }

  @Test
  void upstreamThatBreaksOff_closesTheCaller() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  connection.reset();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(ASK);
      client.restOrReset();
      Await.until(() -> bench.ends().contains("TUNNELLED"));
    }
  }

  @Test
  void upgradedCallerLeaves_whatItSentBeforeArrives() throws Exception {
    int size = 8 << 20;
    CountDownLatch whole = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: x\r\n\r\n");
                  byte[] piece = new byte[1 << 16];
                  long read = 0;
                  for (int n = 0; n >= 0; n = connection.in().read(piece)) {
                    read += n;
                    if (read % 8 == 0) {
                      Thread.onSpinWait(); // slower than the caller
                    }
                  }
                  if (read == size) {
                    whole.countDown();
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        assertThat(client.head()).startsWith("HTTP/1.1 101");
        client.out().write(new byte[size]);
      }
      assertThat(whole.await(20, TimeUnit.SECONDS)).isTrue();
      Await.until(() -> bench.inFlight() == 0 && origin.open() == 0);
    }
  }
}
