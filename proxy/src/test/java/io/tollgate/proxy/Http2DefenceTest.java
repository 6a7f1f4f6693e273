package io.tollgate.proxy;

import static io.tollgate.proxy.Http2Frames.CONTINUATION;
import static io.tollgate.proxy.Http2Frames.DATA;
import static io.tollgate.proxy.Http2Frames.END_HEADERS;
import static io.tollgate.proxy.Http2Frames.END_STREAM_AND_HEADERS;
import static io.tollgate.proxy.Http2Frames.GOAWAY;
import static io.tollgate.proxy.Http2Frames.HEADERS;
import static io.tollgate.proxy.Http2Frames.PING;
import static io.tollgate.proxy.Http2Frames.RST_STREAM;
import static io.tollgate.proxy.Http2Frames.SETTINGS;
import static io.tollgate.proxy.Http2Frames.frame;
import static io.tollgate.proxy.Http2Frames.getByHpack;
import static io.tollgate.proxy.Http2Frames.http2;
import static io.tollgate.proxy.Http2Frames.postByHpack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that ask too much by HTTP/2, frame by frame, and the one beside them. */
@Timeout(120)
class Http2DefenceTest extends DefenceBench {
  private static final String IMPATIENT = ", idle-timeout: 500ms";

  @Test
  void headsTooLargeOverHttp2_areRefusedAndCounted() throws Exception {
    try (TestProxy proxy = proxy("headers: 1KiB, header-count: 10")) {
      ByteArrayOutputStream many = new ByteArrayOutputStream();
      many.writeBytes(getByHpack());
      for (int i = 0; i < 20; i++) {
        many.writeBytes(new byte[] {0, 1, 'x', 1, '1'});
      }
      assertRefusedOverHttp2(proxy, many.toByteArray());
      Await.until(() -> proxy.defended("header_count") == 1);
      ByteArrayOutputStream large = new ByteArrayOutputStream();
      large.writeBytes(getByHpack());
      large.writeBytes(new byte[] {0, 1, 'x', 0x7f, (byte) 0xb7, 0x06}); // 950 bytes follow
      large.writeBytes("a".repeat(950).getBytes(StandardCharsets.US_ASCII));
      assertRefusedOverHttp2(proxy, large.toByteArray());
      Await.until(() -> proxy.defended("header_size") == 1);
      assertThat(origin.heads()).isEmpty();
      assertStillServes(proxy);
    }
  }

  private static void assertRefusedOverHttp2(TestProxy proxy, byte[] head) throws IOException {
    try (RawClient client = http2(proxy.port())) {
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
      try (RawClient flood = http2(proxy.port())) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 2000; i++) {
          int stream = 2 * i + 1;
          frames.writeBytes(frame(HEADERS, END_STREAM_AND_HEADERS, stream, getByHpack()));
          frames.writeBytes(frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
        }
        writeQuietly(flood, frames.toByteArray());
        flood.restOrReset();
      }
      Await.until(() -> proxy.defended("http2_flood") == 1);
      Await.until(() -> proxy.inFlight() == 0);
      assertStillServes(proxy);
    }
  }

  @Test
  void continuationsWithoutEnd_endTheirConnection() throws Exception {
    try (TestProxy proxy = proxy("headers: 8KiB")) {
      try (RawClient flood = http2(proxy.port())) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(frame(HEADERS, 1, 1, getByHpack()));
        for (int i = 0; i < 5000; i++) {
          frames.writeBytes(frame(CONTINUATION, 0, 1, new byte[] {0, 1, 'a', 1, 'b'}));
        }
        writeQuietly(flood, frames.toByteArray());
        flood.restOrReset();
      }
      Await.until(() -> proxy.defended("http2_flood") == 1);
      assertStillServes(proxy);
    }
  }

  @Test
  void emptyDataWithoutEnd_endsItsConnection() throws Exception {
    try (TestProxy proxy = proxy("")) {
      try (RawClient flood = http2(proxy.port())) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] post = {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h'};
        frames.writeBytes(frame(HEADERS, END_HEADERS, 1, post));
        for (int i = 0; i < 1000; i++) {
          frames.writeBytes(frame(DATA, 0, 1, new byte[0]));
        }
        writeQuietly(flood, frames.toByteArray());
        flood.restOrReset();
      }
      Await.until(() -> proxy.defended("http2_flood") == 1);
      Await.until(() -> proxy.inFlight() == 0);
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
      Await.until(() -> proxy.defended("http2_flood") == 1);
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
                  Origin.take(go);
                  connection.send(OK);
                });
        TestProxy proxy =
            new TestProxy(directory.resolve("data"), waiting.port(), "defence: {streams: 2}");
        RawClient caller = http2(proxy.port())) {
      for (int stream = 1; stream <= 5; stream += 2) {
        caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, stream, getByHpack()));
      }
      caller.out().flush();
      String refused = frame(caller, RST_STREAM);
      assertThat(refused.charAt(8)).isEqualTo((char) 5);
      assertThat(refused).endsWith("\0\0\0\7");
      Await.until(() -> proxy.inFlight() == 2);
      Await.until(() -> proxy.defended("streams") == 1);
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
        RawClient caller = http2(proxy.port())) {
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
        RawClient caller = http2(proxy.port())) {
      caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, 1, getByHpack()));
      caller.out().flush();
      frame(caller, HEADERS);
      frame(caller, GOAWAY);
      caller.rest();
      Await.until(() -> proxy.defended("idle") == 1);
    }
  }

  @Test
  void bodyThatStopsOverHttp2_is408_andTheConnectionGoesOn() throws Exception {
    try (Origin reading = new Origin(Origin.Connection::rest);
        TestProxy proxy =
            new TestProxy(directory.resolve("data"), reading.port(), "http2: true", IMPATIENT);
        RawClient caller = http2(proxy.port())) {
      caller.out().write(frame(HEADERS, END_HEADERS, 1, postByHpack()));
      caller.out().write(frame(DATA, 0, 1, new byte[] {'a'}));
      caller.out().flush();
      frame(caller, HEADERS);
      Await.until(() -> proxy.defended("slow_body") == 1);
      Await.until(() -> proxy.inFlight() == 0);
    }
  }

  private static void writeQuietly(RawClient client, byte[] bytes) {
    try {
      client.out().write(bytes);
      client.out().flush();
    } catch (IOException e) {
      // Closed on, as it should be; what the test checks is what is then to be read.
    }
  }
}
