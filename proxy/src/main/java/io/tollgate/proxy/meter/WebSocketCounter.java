package io.tollgate.proxy.meter;

import io.netty.buffer.ByteBuf;

/**
 * Messages of a WebSocket (RFC 6455, section 5.2). A message in fragments counts once, with its
 * last; control frames do not count.
 */
final class WebSocketCounter implements MessageCounter {
  private static final int FINAL = 0x80;
  private static final int CONTROL = 0x08;
  private static final int MASKED = 0x80;
  private static final int MASK_BYTES = 4;

  private int headRead;
  private int first;
  private int lengthLeft;
  private long left;
  private boolean masked;
  private boolean inPayload;
  private boolean closing;
  private long count;

  @Override
  public void pass(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (inPayload) {
        long step = Math.min(left, end - at);
        left -= step;
        at += (int) step;
      } else {
        head(bytes.getByte(at++) & 0xff);
      }
      if (inPayload && left == 0) {
        frameEnded();
      }
    }
  }

  private void head(int next) {
    if (headRead == 0) {
      first = next;
    } else if (headRead == 1) {
      second(next);
    } else {
      left = left << 8 | next;
      lengthLeft--;
    }
    headRead++;
    if (headRead > 1 && lengthLeft == 0) {
      left = Math.max(0, left) + (masked ? MASK_BYTES : 0);
      inPayload = true;
    }
  }

  private void second(int next) {
    masked = (next & MASKED) != 0;
    int length = next & ~MASKED;
    lengthLeft = length == 127 ? 8 : length == 126 ? 2 : 0;
    left = lengthLeft == 0 ? length : 0;
  }

  private void frameEnded() {
    boolean control = (first & CONTROL) != 0;
    closing |= (first & 0x0f) == CONTROL;
    count += !control && (first & FINAL) != 0 ? 1 : 0;
    headRead = 0;
    inPayload = false;
  }

  @Override
  public long count() {
    return count;
  }

  /** Not after a close frame either: then nothing may follow (section 5.5.1). */
  @Override
  public boolean isBetweenFrames() {
    return headRead == 0 && !closing;
  }
}
