package io.tollgate.proxy.caller;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * Reads no more of an HTTP/1.1 connection while a request's body is held back or many requests
 * wait, and sees all the same when the caller of such a body leaves: netty hears of no end that
 * lies behind bytes nobody reads. On the connection's event loop.
 */
final class HeldReading {
  private static final long LOOK_MILLIS = 100;

  /** How much of a body may come where only reading tells whether its caller has left. */
  private static final int MOST_LYING = 64 << 10;

  private final Channel channel;
  private boolean held;
  private boolean crowded;
  private boolean looking;
  private int lying;

  HeldReading(Channel channel) {
    this.channel = channel;
  }

  /** A request's body is held back. */
  void hold() {
    if (!held) {
      held = true;
      lying = 0;
    }
    channel.config().setAutoRead(false);
    lookSoon();
  }

  /**
   * It is taken again. Not at once: what lies here already may hold it back anew, and io_uring
   * would have begun to read by then, a piece more each time.
   */
  void resume() {
    if (held) {
      held = false;
      channel.eventLoop().execute(this::readOn);
    }
  }

  /** Whether as many requests wait as may. */
  void crowded(boolean now) {
    crowded = now;
    if (now) {
      channel.config().setAutoRead(false);
    } else {
      readOn();
    }
  }

  boolean isHeld() {
    return held;
  }

  /** More of what is held back came: it was on its way, or Vert.x had asked for it. */
  void came(int bytes) {
    lying += bytes;
    channel.config().setAutoRead(false);
  }

  private void readOn() {
    if (!held && !crowded) {
      channel.config().setAutoRead(true);
    }
  }

  private void lookSoon() {
    if (!looking) {
      looking = true;
      var unused = channel.eventLoop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    looking = false;
    if (!held || channel.config().isAutoRead() || !channel.isActive()) {
      return; // also where it lingers before it closes, for a caller that may still hear
    }
    switch (TcpState.of(channel)) {
      case ENDED, RESET -> {
        var unused = channel.close();
        return;
      }
      case OPEN -> {}
      case UNKNOWN -> {
        if (lying < MOST_LYING) {
          var unused = channel.read();
        }
      }
    }
    lookSoon();
  }
}
