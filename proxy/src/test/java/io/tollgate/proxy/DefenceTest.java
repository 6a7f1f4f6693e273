package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.forward.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers that ask too much, on raw sockets, and the one beside them who must not notice. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class DefenceTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final int DATA = 0;
  private static final String IMPATIENT = ", idle-timeout: 500ms";
  private static final int HEADERS = 1;
  private static final int GOAWAY = 7;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;
  private static final int END_STREAM_AND_HEADERS = 5;

  @TempDir Path directory;
  private Origin origin;

  @BeforeEach
  void open() throws Exception {
    origin = Origin.answering(OK);
  }

  @AfterEach
  void close() throws Exception {
    origin.close();
  }

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
      await(() -> proxy.defended("slow_head") == 3);
      assertStillServes(proxy);
    }
  }

  @Test
  void refusedCallerThatSendsNoMoreAndStays_isClosedOnInTheEnd() throws Exception {
    try (TestProxy proxy = proxy("header-timeout: 2s");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n").rest())
          .startsWith("HTTP/1.1 400 ");
      await(() -> proxy.metric("tollgate_connections") == 0);
    }
  }

  @Test
  void idleConnections_areClosed() throws Exception {
    try (TestProxy proxy = proxy("idle-timeout: 1s");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200");
      assertThat(client.restOrReset()).isEmpty();
      await(() -> proxy.defended("idle") == 1);
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
      await(() -> proxy.defended("connections_per_client") == 1);
      for (RawClient client : held) {
        client.close();
      }
      await(() -> proxy.metric("tollgate_connections") == 0);
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
      await(() -> proxy.defended("connections") == 1);
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
      await(() -> proxy.defended("header_size") == 2);
      await(() -> proxy.defended("header_count") == 1);
    }
  }

  @Test
  void headsTooLargeOverHttp2_areRefusedAndCounted() throws Exception {
    try (TestProxy proxy = proxy("headers: 1KiB, header-count: 10")) {
      ByteArrayOutputStream many = new ByteArrayOutputStream();
      many.writeBytes(getByHpack());
      for (int i = 0; i < 20; i++) {
        many.writeBytes(new byte[] {0, 1, 'x', 1, '1'});
      }
      assertRefusedOverHttp2(proxy, many.toByteArray());
      await(() -> proxy.defended("header_count") == 1);
      ByteArrayOutputStream large = new ByteArrayOutputStream();
      large.writeBytes(getByHpack());
      large.writeBytes(new byte[] {0, 1, 'x', 0x7f, (byte) 0xb7, 0x06}); // 950 bytes follow
      large.writeBytes("a".repeat(950).getBytes(StandardCharsets.US_ASCII));
      assertRefusedOverHttp2(proxy, large.toByteArray());
      await(() -> proxy.defended("header_size") == 1);
      assertThat(origin.heads()).isEmpty();
      assertStillServes(proxy);
    }
  }

  private static void assertRefusedOverHttp2(TestProxy proxy, byte[] head) throws IOException {
    try (RawClient client = http2(proxy)) {
      client.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, 1, head));
      client.out().flush();
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("431") < 0) {
        String next = client.read(1);
        assertThat(next).as(answer.toString()).isNotEmpty();
        answer.append(next);
      }
    }
  }

  @Test
  void rapidResets_endTheirConnection_andNoOther() throws Exception {
    try (TestProxy proxy = proxy("resets: 100")) {
      try (RawClient flood = http2(proxy)) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 2000; i++) {
          int stream = 2 * i + 1;
          frames.writeBytes(frame(HEADERS, END_STREAM_AND_HEADERS, stream, getByHpack()));
          frames.writeBytes(frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
        }
        writeQuietly(flood, frames.toByteArray());
        flood.restOrReset();
      }
      await(() -> proxy.defended("http2_flood") == 1);
      await(() -> proxy.inFlight() == 0);
      assertStillServes(proxy);
    }
  }

  @Test
  void continuationsWithoutEnd_endTheirConnection() throws Exception {
    try (TestProxy proxy = proxy("headers: 8KiB")) {
      try (RawClient flood = http2(proxy)) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(frame(HEADERS, 1, 1, getByHpack()));
        for (int i = 0; i < 5000; i++) {
          frames.writeBytes(frame(CONTINUATION, 0, 1, new byte[] {0, 1, 'a', 1, 'b'}));
        }
        writeQuietly(flood, frames.toByteArray());
        flood.restOrReset();
      }
      await(() -> proxy.defended("http2_flood") == 1);
      assertStillServes(proxy);
    }
  }

  @Test
  void emptyDataWithoutEnd_endsItsConnection() throws Exception {
    try (TestProxy proxy = proxy("")) {
      try (RawClient flood = http2(proxy)) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] post = {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h'};
        frames.writeBytes(frame(HEADERS, END_HEADERS, 1, post));
        for (int i = 0; i < 1000; i++) {
          frames.writeBytes(frame(DATA, 0, 1, new byte[0]));
        }
        writeQuietly(flood, frames.toByteArray());
        flood.restOrReset();
      }
      await(() -> proxy.defended("http2_flood") == 1);
      await(() -> proxy.inFlight() == 0);
      assertStillServes(proxy);
    }
  }

  @Test
  void pingsWhoseAnswersAreNotRead_endTheirConnection() throws Exception {
    try (TestProxy proxy = proxy("");
        Socket flood = new Socket()) {
      flood.setReceiveBufferSize(4096);
      flood.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
      flood.setSoTimeout(20_000);
      ByteArrayOutputStream pings = new ByteArrayOutputStream();
      for (int i = 0; i < 1000; i++) {
        pings.writeBytes(frame(PING, 0, 0, new byte[8]));
      }
      OutputStream out = flood.getOutputStream();
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.write(frame(SETTINGS, 0, 0, new byte[0]));
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  out.write(pings.toByteArray());
                }
              })
          .isInstanceOf(IOException.class);
      await(() -> proxy.defended("http2_flood") == 1);
      assertStillServes(proxy);
    }
  }

  @Test
  void oneStreamTooMany_isRefused_andTheOthersGoOn() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin waiting =
            new Origin(
                connection -> {
                  connection.head();
                  awaitQuietly(go);
                  connection.send(OK);
                });
        TestProxy proxy =
            new TestProxy(directory.resolve("data"), waiting.port(), "defence: {streams: 2}");
        RawClient caller = http2(proxy)) {
      for (int stream = 1; stream <= 5; stream += 2) {
        caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, stream, getByHpack()));
      }
      caller.out().flush();
      String refused = frame(caller, RST_STREAM);
      assertThat(refused.charAt(8)).isEqualTo((char) 5);
      assertThat(refused).endsWith("\0\0\0\7");
      await(() -> proxy.inFlight() == 2);
      await(() -> proxy.defended("streams") == 1);
      // What was on its way on the refused stream costs the others nothing.
      caller.out().write(frame(DATA, 0, 5, new byte[] {'x'}));
      caller.out().flush();
      go.countDown();
      frame(caller, HEADERS);
      frame(caller, HEADERS);
      caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, 7, getByHpack()));
      caller.out().flush();
      frame(caller, HEADERS);
    }
  }

  @Test
  void dataBehindAMalformedHead_endsNoOtherStream() throws Exception {
    try (TestProxy proxy = proxy("streams: 10");
        RawClient caller = http2(proxy)) {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      head.writeBytes(getByHpack());
      head.writeBytes(new byte[] {0, 1, 'x', 1, '\n'}); // HPACK's decoder refuses the value
      caller.out().write(frame(HEADERS, END_HEADERS, 1, head.toByteArray()));
      caller.out().write(frame(DATA, 0, 1, new byte[] {'x'}));
      caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, 3, getByHpack()));
      caller.out().flush();
      assertThat(frame(caller, RST_STREAM).charAt(8)).isEqualTo((char) 1);
      assertThat(frame(caller, HEADERS).charAt(8)).isEqualTo((char) 3);
    }
  }

  @Test
  void idleHttp2Connection_isToldBeforeItCloses() throws Exception {
    try (TestProxy proxy = proxy("idle-timeout: 2s");
        RawClient caller = http2(proxy)) {
      caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, 1, getByHpack()));
      caller.out().flush();
      frame(caller, HEADERS);
      frame(caller, GOAWAY);
      caller.rest();
      await(() -> proxy.defended("idle") == 1);
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
      await(() -> proxy.defended("idle") == 1);
      await(() -> proxy.inFlight() == 0 && switching.open() == 0);
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
      await(() -> proxy.defended("slow_head") == 1);
    }
  }

  @Test
  void bodyThatStopsOverHttp2_is408_andTheConnectionGoesOn() throws Exception {
    try (Origin reading = new Origin(Origin.Connection::rest);
        TestProxy proxy =
            new TestProxy(directory.resolve("data"), reading.port(), "http2: true", IMPATIENT);
        RawClient caller = http2(proxy)) {
      caller.out().write(frame(HEADERS, END_HEADERS, 1, postByHpack()));
      caller.out().write(frame(DATA, 0, 1, new byte[] {'a'}));
      caller.out().flush();
      frame(caller, HEADERS);
      await(() -> proxy.defended("slow_body") == 1);
      await(() -> proxy.inFlight() == 0);
    }
  }

  /** The next frame of the type, whole; others are passed over. */
  private static String frame(RawClient client, int type) throws IOException {
    while (true) {
      String head = client.read(9);
      assertThat(head).hasSize(9);
      int length = head.charAt(0) << 16 | head.charAt(1) << 8 | head.charAt(2);
      String payload = client.read(length);
      if (head.charAt(3) == type) {
        return head + payload;
      }
    }
  }

  private static byte[] postByHpack() {
    byte[] post = getByHpack();
    post[0] = (byte) 0x83;
    return post;
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private TestProxy proxy(String defence) throws Exception {
    return new TestProxy(directory.resolve("data"), origin.port(), "defence: {" + defence + "}");
  }

  private static void assertStillServes(TestProxy proxy) throws IOException {
    assertThat(answer(proxy, GET)).startsWith("HTTP/1.1 200");
  }

  private static String answer(TestProxy proxy, String request) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.send(request).response();
    }
  }

  private static RawClient http2(TestProxy proxy) throws IOException {
    RawClient client = new RawClient(proxy.port());
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.out().write(frame(SETTINGS, 0, 0, new byte[0]));
    return client;
  }

  /** GET / by http of "h": HPACK's static table, and a literal authority. */
  private static byte[] getByHpack() {
    return new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h'};
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(
        new byte[] {
          (byte) (payload.length >> 16),
          (byte) (payload.length >> 8),
          (byte) payload.length,
          (byte) type,
          (byte) flags,
          (byte) (stream >> 24),
          (byte) (stream >> 16),
          (byte) (stream >> 8),
          (byte) stream
        });
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  private static void sendQuietly(RawClient client, String text) {
    writeQuietly(client, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void writeQuietly(RawClient client, byte[] bytes) {
    try {
      client.out().write(bytes);
      client.out().flush();
    } catch (IOException e) {
      // Closed on, as it should be; what the test checks is what is then to be read.
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 1500 && !condition.call(); i++) {
      Thread.sleep(20);
    }
    assertThat(condition.call()).isTrue();
  }
}
