package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;

/** The line before a chunk: its size, and extensions (RFC 9112, section 7.1). */
final class ChunkLine {
  private ChunkLine() {}

  /**
   * Whether the line that begins there is one with an extension that has no name, as in {@code 5;}.
   * netty has checked everything else of it. A line of any other kind has no semicolon behind
   * hexadecimal digits.
   */
  static boolean isNameless(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to && isHexadecimal(in.getByte(at))) {
      at++;
    }
    if (at == from) {
      return false;
    }
    while (at < to && CallerDecoder.isBlank(in.getByte(at))) {
      at++;
    }
    return at < to && in.getByte(at) == ';' && isNameMissing(in, at, to);
  }

  private static boolean isNameMissing(ByteBuf in, int from, int to) {
    boolean due = false;
    boolean quoted = false;
    for (int at = from; at < to; at++) {
      byte letter = in.getByte(at);
      if (letter == '\r' || letter == '\n') {
        return due;
      }
      if (quoted) {
        at += letter == '\\' ? 1 : 0;
        quoted = letter != '"';
      } else if (due && (letter == ';' || letter == '=' || letter == '"')) {
        return true;
      } else {
        quoted = letter == '"';
        due = letter == ';' || (due && CallerDecoder.isBlank(letter));
      }
    }
    return due;
  }

  private static boolean isHexadecimal(byte letter) {
    return (letter >= '0' && letter <= '9')
        || (letter >= 'a' && letter <= 'f')
        || (letter >= 'A' && letter <= 'F');
  }
}
