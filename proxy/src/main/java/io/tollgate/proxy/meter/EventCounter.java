package io.tollgate.proxy.meter;

import io.netty.buffer.ByteBuf;

/**
 * Server-sent events (WHATWG HTML, section 9.2.6): a blank line ends an event, which counts where
 * it has data. Comments do not count.
 */
final class EventCounter implements MessageCounter {
  private static final String DATA = "data";

  private int column;
  private boolean isData;
  private boolean hasData;
  private boolean afterReturn;
  private long count;

  @Override
  public void pass(ByteBuf bytes) {
    int end = bytes.writerIndex();
    for (int at = bytes.readerIndex(); at < end; at++) {
      byte next = bytes.getByte(at);
      if (next == '\n' && afterReturn) {
        afterReturn = false; // the second half of CR LF
      } else if (next == '\n' || next == '\r') {
        afterReturn = next == '\r';
        lineEnded();
      } else {
        afterReturn = false;
        letter(next);
      }
    }
  }

  private void letter(byte next) {
    if (column < DATA.length()) {
      isData = (column == 0 || isData) && next == DATA.charAt(column);
    } else if (column == DATA.length()) {
      isData &= next == ':';
    }
    column++;
  }

  private void lineEnded() {
    if (column == 0) {
      count += hasData ? 1 : 0;
      hasData = false;
    } else {
      hasData |= isData && column >= DATA.length();
    }
    column = 0;
    isData = false;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public boolean isBetweenFrames() {
    return column == 0 && !hasData;
  }
}
