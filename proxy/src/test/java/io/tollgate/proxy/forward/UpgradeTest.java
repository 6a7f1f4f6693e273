package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.tollgate.proxy.caller.Defended;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections and streams that leave HTTP: each direction flows, waits and ends by itself. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class UpgradeTest {
  private static final String ASK =
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  private static final long FLOOD = 64 << 20;

  @ParameterizedTest
  @ValueSource(ints = {1, 5_000, 300_000})
  void whatComesBehindTheUpgrade_arrivesAfterIts101(int length) throws Exception {
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  take(go);
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
      ForwardingTest.await(() -> !bench.calls().isEmpty());
      go.add("switch");
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      client.send("late");
      assertThat(client.read(6 + length + 4)).isEqualTo("heard " + early + "late");
    }
  }

  @Test
  void whatComesBehindTheUpgrade_ofAnySize_waitsWithItsCaller() throws Exception {
    AtomicLong written = new AtomicLong();
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    BlockingQueue<Long> read = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  take(go);
                  connection.send(SWITCH);
                  read.add(drain(connection.in()));
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(ASK);
      Thread sender = flooding(client, written);
      awaitStanding(written);
      assertThat(written.get()).isPositive().isLessThan(FLOOD);
      go.add("switch");
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      assertThat(read.poll(40, TimeUnit.SECONDS)).isEqualTo(FLOOD);
      sender.join();
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
  void upgradedConnectionsUnread_beyondTheMemory_theOldestMakesRoom() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  flood(connection.out(), new AtomicLong());
                });
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}")) {
      for (int i = 0; i < 9; i++) {
        int before = i;
        clients.add(new RawClient(bench.port()).send(ASK));
        ForwardingTest.await(
            () -> bench.calls().size() == before + 1 && lying(bench.calls().get(before)) > 0);
      }
      ForwardingTest.await(() -> bench.ends().equals(List.of("ABORTED")));
      assertThat(bench.defended()).containsExactly(Defended.MEMORY);
      assertThat(clients.getFirst().restOrReset().length()).isLessThan((int) FLOOD);
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private static int lying(Forwarding call) {
    return ((CallRelay) call).lying();
  }

  private static Thread flooding(RawClient client, AtomicLong written) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                flood(client.out(), written);
                client.endOutput();
              } catch (IOException e) {
                // What was not sent is not read: the test sees it.
              }
            });
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
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
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
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED"));
    }
  }

  @Test
  void callerThatDoesNotRead_holdsTheUpstreamBack() throws Exception {
    AtomicLong written = new AtomicLong();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  flood(connection.out(), written);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(ASK).head()).startsWith("HTTP/1.1 101");
      awaitStanding(written);
      assertThat(written.get()).isPositive().isLessThan(FLOOD);
      assertThat(drain(client.in())).isEqualTo(FLOOD);
    }
  }

  @Test
  void upstreamThatDoesNotRead_holdsTheCallerBack() throws Exception {
    AtomicLong written = new AtomicLong();
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    BlockingQueue<Long> read = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  take(go);
                  read.add(drain(connection.in()));
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(ASK).head()).startsWith("HTTP/1.1 101");
      Thread sender = flooding(client, written);
      awaitStanding(written);
      assertThat(written.get()).isPositive().isLessThan(FLOOD);
      go.add("read");
      assertThat(read.poll(40, TimeUnit.SECONDS)).isEqualTo(FLOOD);
      sender.join();
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
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED"));
    }
  }

  @Test
  void webSocketOverHttp2_isAnUpgradeUpstream_andEndsEachWayByItself() throws Exception {
    BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  String head = connection.head();
                  heads.add(head);
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: websocket\r\nSec-WebSocket-Protocol: chat\r\n"
                          + ("Sec-WebSocket-Accept: " + Origin.accept(head) + "\r\n\r\nhello"));
                  connection.send("heard " + connection.rest());
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(heads.poll(20, TimeUnit.SECONDS))
          .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nConnection: upgrade\r\n")
          .containsIgnoringCase("\r\nUpgrade: websocket\r\n")
          .containsIgnoringCase("\r\nSec-WebSocket-Version: 13\r\n")
          .doesNotContain(":protocol");
      assertThat(stream.next())
          .contains(":status: 200", "sec-websocket-protocol: chat")
          .doesNotContain("upgrade", "sec-websocket-accept");
      assertThat(stream.next()).isEqualTo("DATA hello");
      stream.data("last words", true);
      assertThat(stream.next()).isEqualTo("DATA heard last words");
      assertThat(stream.next()).isEqualTo("END");
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
    }
  }

  private static void openWebSocket(Origin.Connection connection) throws IOException {
    String accept = Origin.accept(connection.head());
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + ("Sec-WebSocket-Accept: " + accept + "\r\n\r\n"));
    connection.rest();
  }

  @Test
  void webSocketOverHttp2_resetByTheCaller_closesTheUpstream() throws Exception {
    try (Origin origin = new Origin(UpgradeTest::openWebSocket);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(stream.next()).contains(":status: 200");
      stream.reset(8);
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
    }
  }

  @Test
  void webSocketOverHttp2_leftByItsCallerAfterItsUpstreamEnded_isOver() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  String accept = Origin.accept(connection.head());
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + ("Upgrade: websocket\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n"));
                  connection.endOutput();
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (Http2Peer caller = Http2Peer.caller(bench.port())) {
        Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
        assertThat(stream.next()).contains(":status: 200");
        assertThat(stream.next()).isEqualTo("END");
      }
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED") && bench.inFlight() == 0);
    }
  }

  @Test
  void webSocketOverHttp2_withoutTraffic_isClosed() throws Exception {
    try (Origin origin = new Origin(UpgradeTest::openWebSocket);
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {idle-timeout: 2s}");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(stream.next()).contains(":status: 200");
      assertThat(stream.next()).isEqualTo("RESET 8");
      ForwardingTest.await(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
      ForwardingTest.await(() -> bench.defended().contains(Defended.IDLE));
    }
  }

  @Test
  void webSocketOverHttp2_refused_keepsStatusFieldsAndBody() throws Exception {
    try (Origin origin =
            Origin.answering("HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(stream.next()).contains(":status: 403", "x-why: no");
      assertThat(stream.next()).isEqualTo("DATA no");
      assertThat(stream.next()).isEqualTo("END");
    }
  }

  @Test
  void webSocketOverHttp2_answeredWithAWrongKey_is502() throws Exception {
    try (Origin origin =
            Origin.answering(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      assertThat(caller.open().head(connect("websocket"), false).next()).contains(":status: 502");
    }
  }

  @Test
  void extendedConnect_ofAnythingElse_is501_andSoIsOneWhoseUpstreamSpeaksHttp2Only()
      throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        ForwardBench http2 = new ForwardBench(origin.port(), ", protocol: http2");
        Http2Peer caller = Http2Peer.caller(bench.port());
        Http2Peer other = Http2Peer.caller(http2.port())) {
      assertThat(caller.open().head(connect("connect-udp"), false).next()).contains(":status: 501");
      assertThat(other.open().head(connect("websocket"), false).next()).contains(":status: 501");
      Http2Headers notConnect = ask("GET", "websocket");
      assertThat(caller.open().head(notConnect, true).next()).isEqualTo("RESET 1");
      assertThat(origin.heads()).isEmpty();
    }
  }

  private static Http2Headers connect(String protocol) {
    return ask("CONNECT", protocol);
  }

  private static Http2Headers ask(String method, String protocol) {
    return new DefaultHttp2Headers()
        .method(method)
        .scheme("http")
        .authority("h")
        .path("/chat?room=1")
        .add(":protocol", protocol)
        .add("sec-websocket-version", "13");
  }

  private static void flood(OutputStream out, AtomicLong written) throws IOException {
    byte[] piece = new byte[1 << 16];
    while (written.get() < FLOOD) {
      out.write(piece);
      written.addAndGet(piece.length);
    }
  }

  private static long drain(InputStream in) throws IOException {
    byte[] piece = new byte[1 << 16];
    long all = 0;
    try {
      while (all < FLOOD) {
        int read = in.read(piece);
        if (read < 0) {
          return all;
        }
        all += read;
      }
    } catch (SocketException e) {
      return all;
    }
    return all;
  }

  /** Until it has begun and grows no more, because nobody reads. */
  private static void awaitStanding(AtomicLong written) throws InterruptedException {
    long before = -1;
    for (int i = 0; i < 200 && (written.get() == 0 || written.get() != before); i++) {
      before = written.get();
      Thread.sleep(200);
    }
  }

  private static void take(BlockingQueue<String> go) throws IOException {
    try {
      go.take();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
