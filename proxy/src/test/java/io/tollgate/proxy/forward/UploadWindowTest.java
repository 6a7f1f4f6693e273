package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.caller.Defended;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much of a body a caller of HTTP/2 may have on its way, and what that counts for. */
@Timeout(60)
class UploadWindowTest {
  private static final int FRAME = 16 << 10;
  private static final int FIRST = 65_535;
  private static final int MORE = 192 << 10;
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void upstreamThatKeepsUp_opensTheWindowOfItsCallerWider() throws Exception {
    try (Origin origin = reading();
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Uploader caller = new Uploader(bench.port())) {
      caller.open(1);
      for (int i = 0; i < 3; i++) {
        caller.data(1, FRAME, false);
      }
      Await.until(() -> caller.window(1) >= FIRST + MORE - 2 * FRAME);
      Await.until(() -> caller.connectionWindow() >= FIRST + MORE - 2 * FRAME);
    }
  }

  @Test
  void connectionsWindow_isWiderOnlyForAsLongAsItsStreams() throws Exception {
    try (Origin origin = reading();
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Uploader caller = new Uploader(bench.port())) {
      for (int stream = 1; stream < 40; stream += 2) {
        int answers = stream / 2 + 1;
        caller.open(stream);
        for (int i = 0; i < 10; i++) {
          caller.data(stream, FRAME, i == 9);
        }
        Await.until(() -> caller.ended.get() == answers);
      }
      assertThat(caller.connectionWindow()).isLessThanOrEqualTo(FIRST + MORE);
      assertThat(bench.ends()).hasSize(20).containsOnly("ANSWERED");
    }
  }

  @Test
  void uploadHeldBack_countsWithItsWiderWindow_andArrivesWhole() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicLong read = new AtomicLong();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  Origin.take(go);
                  drain(connection.in(), read);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Uploader caller = new Uploader(bench.port())) {
      caller.open(1);
      Thread sender = Thread.ofVirtual().start(() -> caller.flood(1, 64 << 20));
      Await.until(
          () -> !bench.calls().isEmpty() && lying(bench.calls().getFirst()) == (256 << 10) + MORE);
      go.countDown();
      sender.join();
      Await.until(() -> read.get() >= 64 << 20 && lying(bench.calls().getFirst()) == 0);
    } finally {
      go.countDown();
    }
  }

  @Test
  void uploadsOverHttp1_thatNobodyTakes_makeRoom() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<RawClient> clients = new ArrayList<>();
    try (Origin origin = Origin.waiting(go);
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}")) {
      for (int i = 0; i < 5; i++) {
        RawClient client = new RawClient(bench.port());
        clients.add(client);
        client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
        Thread.ofVirtual().start(() -> pour(client));
      }
      Await.until(() -> bench.defended().contains(Defended.MEMORY));
      Await.until(() -> bench.ends().equals(List.of("ABORTED")));
    } finally {
      go.countDown();
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void bodiesThatWaitForAConnection_count_smallOnesByTheirLength() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<RawClient> clients = new ArrayList<>();
    try (Origin origin = Origin.waiting(go);
        ForwardBench bench =
            new ForwardBench(origin.port(), ", connections: 1", "defence: {memory: 1MiB}")) {
      for (int i = 0; i < 60; i++) {
        clients.add(new RawClient(bench.port()));
        clients.get(i).send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\na");
      }
      Await.until(() -> bench.calls().size() == 60);
      assertThat(bench.defended()).isEmpty();
      for (int i = 60; i < 69; i++) {
        clients.add(new RawClient(bench.port()));
        clients.get(i).send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\na");
      }
      Await.until(() -> bench.defended().contains(Defended.MEMORY));
    } finally {
      go.countDown();
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private static void pour(RawClient client) {
    byte[] piece = new byte[1 << 16];
    try {
      for (int i = 0; i < 1500; i++) {
        client.out().write(piece);
      }
    } catch (IOException e) {
      // Cut off, or the test is over.
    }
  }

  private static int lying(Forwarding call) {
    return ((CallRelay) call).lying();
  }

  /** Reads each body to its end, then answers. */
  private static Origin reading() throws IOException {
    return new Origin(
        connection -> {
          for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
            StringBuilder end = new StringBuilder();
            while (!end.toString().endsWith("\r\n0\r\n\r\n")) {
              int b = connection.in().read();
              if (b < 0) {
                return;
              }
              end.append((char) b);
              end.delete(0, Math.max(0, end.length() - 7));
            }
            connection.send(OK);
          }
        });
  }

  private static void drain(InputStream in, AtomicLong read) throws IOException {
    byte[] piece = new byte[1 << 16];
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      read.addAndGet(n);
    }
  }

  /** A caller that sends frames as they are, and heeds windows only where it floods. */
  private static final class Uploader implements AutoCloseable {
    /** :method POST, :scheme http, :path /, :authority h (RFC 7541). */
    private static final byte[] POST = {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h'};

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int WINDOW_UPDATE = 8;

    final AtomicInteger ended = new AtomicInteger();
    private final Socket socket;
    private final OutputStream out;
    private final AtomicLong connectionWindow = new AtomicLong(FIRST);
    private final AtomicLong[] windows = new AtomicLong[64];

    Uploader(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      out = socket.getOutputStream();
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < windows.length; i++) {
        windows[i] = new AtomicLong(FIRST);
      }
      frame(SETTINGS, 0, 0, new byte[0]);
      Thread.ofVirtual().start(this::listen);
    }

    long window(int stream) {
      return windows[stream].get();
    }

    long connectionWindow() {
      return connectionWindow.get();
    }

    void open(int stream) throws IOException {
      frame(HEADERS, 4, stream, POST);
    }

    /** Sends a frame as soon as it may. */
    void data(int stream, int length, boolean end) throws Exception {
      Await.until(() -> window(stream) >= length && connectionWindow() >= length);
      windows[stream].addAndGet(-length);
      connectionWindow.addAndGet(-length);
      frame(DATA, end ? 1 : 0, stream, new byte[length]);
    }

    void flood(int stream, int bytes) {
      try {
        for (int sent = 0; sent < bytes; sent += FRAME) {
          data(stream, FRAME, sent + FRAME >= bytes);
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private synchronized void frame(int type, int flags, int stream, byte[] payload)
        throws IOException {
      out.write(
          ByteBuffer.allocate(9 + payload.length)
              .putShort((short) (payload.length >> 8))
              .put((byte) payload.length)
              .put((byte) type)
              .put((byte) flags)
              .putInt(stream)
              .put(payload)
              .array());
    }

    private void listen() {
      try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
        while (true) {
          int length = (in.readUnsignedShort() << 8) | in.readUnsignedByte();
          int type = in.readUnsignedByte();
          int flags = in.readUnsignedByte();
          int stream = in.readInt();
          byte[] payload = in.readNBytes(length);
          if (type == WINDOW_UPDATE) {
            int by = ByteBuffer.wrap(payload).getInt();
            (stream == 0 ? connectionWindow : windows[stream]).addAndGet(by);
          } else if ((type == DATA || type == HEADERS) && (flags & 1) != 0) {
            ended.incrementAndGet();
          } else if (type == SETTINGS && (flags & 1) == 0) {
            frame(SETTINGS, 1, 0, new byte[0]);
          }
        }
      } catch (IOException e) {
        // The connection is over.
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
