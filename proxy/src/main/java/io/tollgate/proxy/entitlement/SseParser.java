package io.tollgate.proxy.entitlement;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events out of a stream of bytes, however it is cut. Lines end in LF or CRLF, which is
 * what the control plane sends. Not thread-safe.
 */
final class SseParser {
  /** An event longer than this is no event of ours. */
  static final int LONGEST = 8 << 20;

  /** Takes what the parser finds. */
  interface Sink {
    /**
     * An event; {@code event} is "message" where the stream named none, {@code id} may be empty.
     */
    void event(String event, String id, byte[] data);
  }

  private final Sink sink;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
  private final ByteArrayOutputStream data = new ByteArrayOutputStream(4096);
  private String event = "";
  private String id = "";
  private boolean anyData;

  SseParser(Sink sink) {
    this.sink = sink;
  }

  /**
   * The next bytes.
   *
   * @throws IllegalStateException if an event grows past {@link #LONGEST}
   */
  void feed(byte[] bytes) {
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, from, i - from);
        from = i + 1;
        endLine();
      }
    }
    line.write(bytes, from, bytes.length - from);
    if (line.size() + data.size() > LONGEST) {
      throw new IllegalStateException("an event of the change stream is longer than " + LONGEST);
    }
  }

  private void endLine() {
    byte[] bytes = line.toByteArray();
    line.reset();
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\r') {
      length--;
    }
    if (length == 0) {
      dispatch();
      return;
    }
    int colon = 0;
    while (colon < length && bytes[colon] != ':') {
      colon++;
    }
    int value = colon + 1 < length && bytes[colon + 1] == ' ' ? colon + 2 : colon + 1;
    int rest = Math.max(0, length - value);
    switch (new String(bytes, 0, colon, StandardCharsets.UTF_8)) {
      case "event" -> event = new String(bytes, value, rest, StandardCharsets.UTF_8);
      case "id" -> id = new String(bytes, value, rest, StandardCharsets.UTF_8);
      case "data" -> {
        if (anyData) {
          data.write('\n');
        }
        anyData = true;
        if (rest > 0) {
          data.write(bytes, value, rest);
        }
      }
      default -> {
        // A comment (heartbeat) or a field of no meaning here.
      }
    }
  }

  private void dispatch() {
    if (anyData || !event.isEmpty()) {
      sink.event(event.isEmpty() ? "message" : event, id, data.toByteArray());
    }
    data.reset();
    event = "";
    id = "";
    anyData = false;
  }
}
