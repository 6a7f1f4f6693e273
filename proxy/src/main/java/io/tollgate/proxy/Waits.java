package io.tollgate.proxy;

import io.tollgate.proxy.config.Endpoint;
import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits of a starting or ending proxy, each with a bound. */
final class Waits {
  static final int EXIT_PORT = 3;

  private static final Logger LOG = LoggerFactory.getLogger(Waits.class);
  private static final long START_SECONDS = 60;
  private static final long CLOSE_SECONDS = 10;

  private Waits() {}

  /** What opened a port, within a minute; why not names the key and the flag of another one. */
  static <T> T bound(Future<T> opening, Endpoint endpoint, String key, String flag)
      throws StartFailure {
    try {
      return opening.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartFailure(
          EXIT_PORT,
          endpoint
              + " cannot be opened ("
              + cause.getMessage()
              + "); another one is set by "
              + key
              + " or "
              + flag,
          cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailure(1, "interrupted while starting", e);
    }
  }

  /** Waits 10 s at most, and goes on all the same. */
  static void until(Future<Void> closing) {
    atMost(closing, TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
  }

  /** Waits so many milliseconds at most, and goes on all the same. */
  static void atMost(Future<Void> closing, long millis) {
    try {
      closing.toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("going down all the same: a part had not closed within {} ms", millis);
    } catch (ExecutionException e) {
      LOG.warn("going down all the same: {}", String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes, and goes on all the same. */
  static void close(AutoCloseable closing) {
    try {
      closing.close();
    } catch (Exception e) {
      LOG.warn("going down all the same: {}", String.valueOf(e.getMessage()));
    }
  }
}
