package io.tollgate.proxy.http;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Field names, and words of status lines, as they were seen last: who sends heads sends the same
 * few with every one, so they are made, and hashed, once. A fixed number is kept. Used on one event
 * loop.
 */
public final class FieldNames {
  private static final int SLOTS = 256;
  private static final int LONGEST = 64;

  private final @Nullable AsciiString[] known = new AsciiString[SLOTS];

  /** The name in these bytes, in their case. */
  public AsciiString of(byte[] bytes, int start, int length) {
    if (length > LONGEST) {
      return new AsciiString(bytes, start, length, true);
    }
    int hash = length;
    for (int i = start; i < start + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SLOTS - 1);
    AsciiString name = known[slot];
    if (name != null && isSame(name, bytes, start, length)) {
      return name;
    }
    // Two names may share a slot, as Server and Connection do: each finds itself in one of two.
    int other = slot ^ 1;
    AsciiString second = known[other];
    if (second != null && isSame(second, bytes, start, length)) {
      return second;
    }
    AsciiString made = new AsciiString(bytes, start, length, true);
    known[other] = name;
    known[slot] = made;
    return made;
  }

  private static boolean isSame(AsciiString name, byte[] bytes, int start, int length) {
    if (name.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (name.byteAt(i) != bytes[start + i]) {
        return false;
      }
    }
    return true;
  }
}
