package io.tollgate.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AsciiString;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the head of an HTTP/1.1 message into an array that is used again and again, whole names
 * and values at a time, and from there into one buffer: letter by letter into a buffer it costs
 * several times as much. Used on one event loop.
 */
public final class HeadWriter {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long SPACES = 0x2020_2020_2020_2020L;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final int USUAL = 1024;

  private byte[] bytes = new byte[USUAL];
  private int length;

  /** Begins a head. */
  public HeadWriter begin() {
    length = 0;
    return this;
  }

  /** Adds bytes as they are. */
  public HeadWriter add(byte[] text) {
    room(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  /** Adds a character of ASCII. */
  public HeadWriter add(char letter) {
    room(1);
    bytes[length++] = (byte) letter;
    return this;
  }

  /** Adds text as ISO 8859-1; what that has no letter for becomes a question mark. */
  public HeadWriter add(CharSequence text) {
    int more = text.length();
    room(more);
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, length, more);
    } else if (text instanceof String string) {
      copy(string, more);
    } else {
      slowly(text, more);
    }
    length += more;
    return this;
  }

  /** Adds every field, each on its line, and the empty line behind them. */
  public HeadWriter add(HeadersMultiMap fields) {
    return add(fields, null, null);
  }

  /** The same with prepared fields behind them. */
  public HeadWriter add(
      HeadersMultiMap fields, @Nullable PreparedFields some, @Nullable PreparedFields more) {
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = entries.next();
      line(field.getKey(), field.getValue());
    }
    if (some != null) {
      add(some.lines());
    }
    if (more != null) {
      add(more.lines());
    }
    return lineEnd();
  }

  /** Adds a field on its line. */
  HeadWriter line(CharSequence name, CharSequence value) {
    return add(name).add(':').add(' ').add(value).lineEnd();
  }

  /** What was written. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Adds what can be read of a buffer, which stays as it is. */
  public HeadWriter add(ByteBuf body) {
    int more = body.readableBytes();
    room(more);
    body.getBytes(body.readerIndex(), bytes, length, more);
    length += more;
    return this;
  }

  /** Ends a line. */
  public HeadWriter lineEnd() {
    return add('\r').add('\n');
  }

  /**
   * The head in a buffer of its own.
   *
   * @param more bytes that will be written behind it
   */
  public ByteBuf into(ByteBufAllocator allocator, int more) {
    return allocator.ioBuffer(length + more).writeBytes(bytes, 0, length);
  }

  /** By its lower bytes, which are all of it, unless they say what no field can. */
  @SuppressWarnings("deprecation") // the one way to copy a string's bytes without an array between
  private void copy(String text, int more) {
    text.getBytes(0, more, bytes, length);
    if (mayHoldControls(length, length + more)) {
      slowly(text, more);
    }
  }

  /** Whether a byte below the space may be there; eight at a time. */
  private boolean mayHoldControls(int from, int to) {
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      long eight = (long) EIGHT.get(bytes, at);
      if (((eight - SPACES) & ~eight & HIGH_BITS) != 0) {
        return true;
      }
    }
    for (; at < to; at++) {
      if (bytes[at] >= 0 && bytes[at] < ' ') {
        return true;
      }
    }
    return false;
  }

  private void slowly(CharSequence text, int more) {
    for (int i = 0; i < more; i++) {
      char c = text.charAt(i);
      bytes[length + i] = (byte) (c > 0xff ? '?' : c);
    }
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, 2 * (length + more));
    }
  }
}
