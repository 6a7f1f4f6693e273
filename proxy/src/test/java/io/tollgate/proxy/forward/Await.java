package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.Callable;

/** Waits of tests for exactly what they go on to use, each with a bound. */
public final class Await {
  private static final long MOST_NANOS = 60_000_000_000L;
  private static final long LOOK_MILLIS = 20;

  private Await() {}

  /** Until the condition holds, a minute at most. */
  public static void until(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + MOST_NANOS;
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within a minute").isLessThan(deadline);
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /** Until nobody is served at the port any more, a minute at most. */
  public static void untilClosed(int port) throws Exception {
    until(() -> isClosed(port));
  }

  private static boolean isClosed(int port) {
    try (RawClient client = new RawClient(port)) {
      return client.send("not HTTP\r\n\r\n").head().isEmpty(); // else 400, by the proxy itself
    } catch (IOException e) {
      return true;
    }
  }
}
