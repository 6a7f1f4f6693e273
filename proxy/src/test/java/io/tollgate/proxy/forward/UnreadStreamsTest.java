package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.caller.Defended;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers of HTTP/2 who open many streams and give none of them a window. */
final class UnreadStreamsTest {
  private static final int STREAMS = 40;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  /** :method GET, :scheme http, :path /, :authority h (RFC 7541). */
  private static final byte[] GET = {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h'};

  /** The same of /index.html, whose answer ends. */
  private static final byte[] WHOLE = {(byte) 0x82, (byte) 0x86, (byte) 0x85, 0x41, 1, 'h'};

  private int resets;

  /** :method CONNECT, :scheme http, :path /, :authority h, :protocol websocket (RFC 8441). */
  private static byte[] connect() {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.writeBytes(new byte[] {2, 7});
    head.writeBytes("CONNECT".getBytes(StandardCharsets.US_ASCII));
    head.writeBytes(new byte[] {(byte) 0x86, (byte) 0x84, 0x41, 1, 'h', 0, 9});
    head.writeBytes(":protocol".getBytes(StandardCharsets.US_ASCII));
    head.write(9);
    head.writeBytes("websocket".getBytes(StandardCharsets.US_ASCII));
    return head.toByteArray();
  }

  private static boolean isFull(Forwarding call) {
    Unread unread = call.answer().unreadBytes();
    return unread != null && unread.isFull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamsUnread_upstreamsAreHeldBackAfterAFewPieces(boolean webSockets) throws Exception {
    try (Origin origin = origin();
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Socket caller = unread(bench.port(), STREAMS, webSockets ? connect() : GET)) {
      await(
          () ->
              bench.calls().size() == STREAMS
                  && bench.calls().stream().allMatch(UnreadStreamsTest::isFull));
      // Less than 32 KiB before the last piece, of 64 KiB, and one more that was being read; and
      // one stream had the connection's window of 64 KiB.
      assertThat(bench.calls()).allMatch(call -> call.responseBytes() <= 256 << 10);
      assertThat(caller.isClosed()).isFalse();
      assertThat(bench.defended()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamsUnread_beyondTheMemory_theOldestMakeRoom(boolean webSockets) throws Exception {
    List<RawClient> others = new ArrayList<>();
    try (Origin origin = origin();
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}");
        Socket caller = unread(bench.port(), STREAMS, webSockets ? connect() : GET)) {
      await(() -> bench.calls().stream().anyMatch(UnreadStreamsTest::isFull));
      // Beyond half of the memory a stream keeps one piece, of any size; these are 128 KiB each.
      for (int i = 0; i < 8; i++) {
        others.add(new RawClient(bench.port()).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
      }
      await(() -> bench.defended().contains(Defended.MEMORY));
      assertThat(bench.defended()).containsOnly(Defended.MEMORY);
      await(() -> resets(caller) > 0);
    } finally {
      for (RawClient other : others) {
        other.close();
      }
    }
  }

  @Test
  void endsOfAnswersUnread_countWhenTheirCallsAreOver() throws Exception {
    List<RawClient> others = new ArrayList<>();
    try (Origin origin = origin();
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}");
        Socket caller = unread(bench.port(), 16, WHOLE)) {
      await(() -> bench.ends().equals(Collections.nCopies(16, "ANSWERED")));
      for (int i = 0; i < 6; i++) { // 128 KiB each, beside fourteen times 30,000 bytes
        others.add(new RawClient(bench.port()).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
      }
      await(() -> bench.defended().contains(Defended.MEMORY));
      await(() -> resets(caller) > 0);
    } finally {
      for (RawClient other : others) {
        other.close();
      }
    }
  }

  /** RST_STREAM frames of code CANCEL in what comes; reads on. */
  private int resets(Socket caller) {
    try {
      byte[] head = caller.getInputStream().readNBytes(9);
      int length = ((head[0] & 0xff) << 16) | ((head[1] & 0xff) << 8) | (head[2] & 0xff);
      byte[] payload = caller.getInputStream().readNBytes(length);
      if (head[3] == 3 && payload[3] == 8) {
        resets++;
      }
      return resets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket unread(int port, int streams, byte[] request) throws Exception {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), port);
    caller.setSoTimeout(20_000);
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
    frames.writeBytes(SETTINGS);
    for (int i = 0; i < streams; i++) {
      frames.writeBytes(
          new byte[] {0, 0, (byte) request.length, 1, 5, 0, 0, 0, (byte) (2 * i + 1)});
      frames.writeBytes(request);
    }
    caller.getOutputStream().write(frames.toByteArray());
    return caller;
  }

  private static Origin origin() throws Exception {
    return new Origin(
        connection -> {
          String head = connection.head();
          long length = head.startsWith("GET /index") ? 30_000 : Long.MAX_VALUE;
          connection.send(
              head.contains("Upgrade")
                  ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                      + ("Upgrade: websocket\r\nSec-WebSocket-Accept: " + Origin.accept(head))
                      + "\r\n\r\n"
                  : "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
          byte[] piece = new byte[1 << 16];
          for (long left = length; left > 0; left -= piece.length) {
            connection.out().write(piece, 0, (int) Math.min(left, piece.length));
          }
        });
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited 20 s").isLessThan(end);
      Thread.sleep(5);
    }
  }
}
