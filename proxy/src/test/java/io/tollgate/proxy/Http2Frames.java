package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** HTTP/2 as bytes (RFC 9113, section 4), for callers that no library would be. */
final class Http2Frames {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_HEADERS = 4;
  static final int END_STREAM_AND_HEADERS = 5;

  private Http2Frames() {}

  /** A caller whose preface and settings are sent. */
  static RawClient http2(int port) throws IOException {
    RawClient client = new RawClient(port);
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.out().write(frame(SETTINGS, 0, 0, new byte[0]));
    return client;
  }

  /** GET / by http of "h": HPACK's static table, and a literal authority. */
  static byte[] getByHpack() {
    return new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h'};
  }

  /** The same by POST. */
  static byte[] postByHpack() {
    byte[] post = getByHpack();
    post[0] = (byte) 0x83;
    return post;
  }

  /** A frame. */
  static byte[] frame(int type, int flags, int stream, byte[] payload) {
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

  /** The next frame of the type, whole; others are passed over. */
  static String frame(RawClient client, int type) throws IOException {
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
}
