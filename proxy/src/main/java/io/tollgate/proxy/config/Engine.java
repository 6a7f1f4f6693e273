package io.tollgate.proxy.config;

import java.time.Duration;
import java.util.List;

/**
 * How the process itself runs.
 *
 * @param transports which ways to the kernel are tried, first to last; NIO always works
 * @param eventLoops threads that carry the traffic
 * @param drain how long SIGTERM waits for calls in flight
 * @param accessLog one call in so many is written to the access log; 0 for none
 * @param accessLogRefused whether every refused call is written besides
 * @param via whether a Via field is added to both directions
 */
public record Engine(
    List<Transport> transports,
    int eventLoops,
    Duration drain,
    int accessLog,
    boolean accessLogRefused,
    boolean via) {
  /** A way to the kernel. */
  public enum Transport {
    /** io_uring, where the kernel and the container allow it. */
    IO_URING,
    /** epoll: Linux. */
    EPOLL,
    /** The JDK's own. */
    NIO
  }

  public Engine {
    transports = List.copyOf(transports);
  }
}
