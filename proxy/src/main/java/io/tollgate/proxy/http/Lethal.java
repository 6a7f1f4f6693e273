package io.tollgate.proxy.http;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the process does not outlive: memory that is used up. Where it is the heap, the JVM ends it
 * (ExitOnOutOfMemoryError). Of direct memory the JVM only tells who asked: io_uring loses its event
 * loop by it; under epoll and NIO the connection is closed, but each further question stops the
 * event loop for half a second. So the process ends here, to be started anew; what was counted is
 * on disk. Stateless and thread-safe.
 */
public final class Lethal {
  /** With which status the process ends. */
  public static final int EXIT = 6;

  private static final Logger LOG = LoggerFactory.getLogger(Lethal.class);

  private Lethal() {}

  /** Ends the process where this came of memory that is used up. */
  public static void check(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof OutOfMemoryError) {
        end("memory is used up", cause);
      }
    }
  }

  /** Ends the process at once: nothing in it can be relied on to end it in order. */
  public static void end(String why, @Nullable Throwable cause) {
    LOG.error("the process ends: {}", why, cause);
    Runtime.getRuntime().halt(EXIT);
  }
}
