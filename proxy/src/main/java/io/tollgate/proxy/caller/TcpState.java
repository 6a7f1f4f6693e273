package io.tollgate.proxy.caller;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/** What the kernel knows of a caller's connection, before anybody has read that far. */
enum TcpState {
  /** The caller may send more. */
  OPEN,
  /** The caller will send no more. */
  ENDED,
  /** The connection is gone. */
  RESET,
  /** The transport does not tell. */
  UNKNOWN;

  // As TCP_INFO has them.
  private static final int TCP_CLOSE = 7;
  private static final int TCP_CLOSE_WAIT = 8;

  /** The state of an active channel. */
  static TcpState of(Channel channel) {
    int state;
    if (channel instanceof IoUringSocketChannel ring) {
      state = ring.tcpInfo().state();
    } else if (channel instanceof EpollSocketChannel epoll) {
      state = epoll.tcpInfo().state();
    } else {
      return UNKNOWN;
    }
    return switch (state) {
      case TCP_CLOSE -> RESET;
      case TCP_CLOSE_WAIT -> ENDED;
      default -> OPEN;
    };
  }
}
