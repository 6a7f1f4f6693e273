package io.tollgate.proxy.meter;

import io.netty.buffer.ByteBuf;

/**
 * Length-prefixed messages (gRPC over HTTP/2, "Length-Prefixed-Message"): one byte of flags, four
 * of length, the message. A frame of gRPC-Web trailers, with the highest flag, is no message.
 */
final class GrpcCounter implements MessageCounter {
  private static final int HEAD = 5;
  private static final int TRAILERS = 0x80;

  private int headRead;
  private int flags;
  private long length;
  private long left;
  private long count;

  @Override
  public void pass(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (headRead < HEAD) {
        head(bytes.getByte(at++) & 0xff);
      } else {
        long step = Math.min(left, end - at);
        left -= step;
        at += (int) step;
      }
      endIfWhole();
    }
  }

  /** One byte, where they come one by one. */
  void step(int next) {
    if (headRead < HEAD) {
      head(next);
    } else {
      left--;
    }
    endIfWhole();
  }

  private void endIfWhole() {
    if (headRead == HEAD && left == 0) {
      count += (flags & TRAILERS) == 0 ? 1 : 0;
      headRead = 0;
    }
  }

  private void head(int next) {
    if (headRead == 0) {
      flags = next;
      length = 0;
    } else {
      length = length << 8 | next;
    }
    headRead++;
    if (headRead == HEAD) {
      left = length;
    }
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public boolean isBetweenFrames() {
    return headRead == 0;
  }
}
