package io.tollgate.controlplane.database;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;

/**
 * Turns a Vert.x future into a plain value by blocking the calling thread, which must be a virtual
 * thread or a thread of one's own.
 *
 * <p>{@code Future.await} works on Vert.x's own virtual-thread contexts only, and one such context
 * runs its tasks one at a time. Waiting on the future's completion works from any virtual thread,
 * from workers and from tests, and lets requests use every core.
 */
public final class Await {
  private Await() {}

  /**
   * Waits for the result.
   *
   * @throws DatabaseException if the future failed with a checked exception or the wait was
   *     interrupted; an unchecked failure is thrown as it is
   * @throws IllegalStateException on an event loop, which must not block
   */
  public static <T> T result(Future<T> future) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("an event loop must not wait; use a virtual thread");
    }
    return result(future.toCompletionStage().toCompletableFuture());
  }

  /** As {@link #result(Future)}, for work that other threads do. */
  public static <T> T result(java.util.concurrent.Future<T> completion) {
    try {
      return completion.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("interrupted while waiting", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new DatabaseException(String.valueOf(cause), e);
    }
  }
}
