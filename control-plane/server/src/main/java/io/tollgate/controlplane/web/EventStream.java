package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Await;
import io.vertx.core.http.HttpServerResponse;

/**
 * An open stream of server-sent events. Sending blocks while the caller is slow to read. To be used
 * by one thread; {@link #isClosed} by any.
 */
public final class EventStream {
  private final HttpServerResponse response;
  private volatile boolean closed;

  EventStream(HttpServerResponse response) {
    this.response = response;
  }

  /**
   * Sends one event.
   *
   * @param id what a caller who comes back names as the last one it saw
   * @param data one line
   */
  public void send(String id, String event, String data) {
    write("id: " + id + "\nevent: " + event + "\ndata: " + data + "\n\n");
  }

  /** Sends one event without an id. */
  public void send(String event, String data) {
    write("event: " + event + "\ndata: " + data + "\n\n");
  }

  /** Sends a comment, which keeps the connection alive. */
  public void comment(String text) {
    write(": " + text + "\n\n");
  }

  /** Whether the caller left or the server is closing. */
  public boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
  }

  private void write(String text) {
    if (closed) {
      return;
    }
    try {
      Await.result(response.write(text));
    } catch (RuntimeException e) {
      // Whoever left in the middle of an event has left all the same.
      closed = true;
    }
  }
}
