package io.tollgate.proxy.meter;

import io.netty.buffer.ByteBuf;

/**
 * gRPC-Web as text: the length-prefixed messages in base64, each piece of which may have been
 * encoded, and padded, by itself. Bytes that are no base64 are left out.
 */
final class GrpcTextCounter implements MessageCounter {
  private static final int BITS = 6;
  private static final int DIGITS = 4;

  private final GrpcCounter messages = new GrpcCounter();
  private int digits;
  private int bits;

  @Override
  public void pass(ByteBuf bytes) {
    for (int at = bytes.readerIndex(); at < bytes.writerIndex(); at++) {
      byte letter = bytes.getByte(at);
      int digit = digit(letter);
      if (digit >= 0) {
        take(digit);
      } else if (letter == '=') {
        digits = 0; // what follows begins anew
      }
    }
  }

  private void take(int digit) {
    bits = bits << BITS | digit;
    digits++;
    switch (digits) {
      case 2 -> messages.step(bits >> 4 & 0xff);
      case 3 -> messages.step(bits >> 2 & 0xff);
      case DIGITS -> {
        messages.step(bits & 0xff);
        digits = 0;
      }
      default -> {}
    }
  }

  private static int digit(byte letter) {
    if (letter >= 'A' && letter <= 'Z') {
      return letter - 'A';
    }
    if (letter >= 'a' && letter <= 'z') {
      return letter - 'a' + 26;
    }
    if (letter >= '0' && letter <= '9') {
      return letter - '0' + 52;
    }
    return switch (letter) {
      case '+', '-' -> 62;
      case '/', '_' -> 63;
      default -> -1;
    };
  }

  @Override
  public long count() {
    return messages.count();
  }

  @Override
  public boolean isBetweenFrames() {
    return messages.isBetweenFrames();
  }
}
