package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Await;
import io.vertx.core.http.HttpServerResponse;

/**
 * An answer of any length, sent as it is made. Writing blocks while the caller is slow to read.
 * What fails before the first write is answered as a problem; what fails later breaks the
 * connection off, so that nobody takes a part for the whole. To be used by one thread.
 */
public final class Download {
  private final HttpServerResponse response;
  private final boolean headOnly;
  private boolean begun;

  Download(HttpServerResponse response, boolean headOnly) {
    this.response = response;
    this.headOnly = headOnly;
  }

  /** All that was asked for is there: what makes the body stops. */
  static final class HeadSentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private HeadSentException() {
      super(null, null, false, false);
    }
  }

  /**
   * Sends the head.
   *
   * @param file what to call it where it is saved
   */
  public void begin(String contentType, String file) {
    begun = true;
    response
        .setChunked(!headOnly)
        .putHeader("Content-Type", contentType)
        .putHeader("Cache-Control", "no-store")
        .putHeader("Content-Disposition", "attachment; filename=\"" + file + "\"");
    if (headOnly) {
      throw new HeadSentException();
    }
  }

  /** Sends a part of the body. */
  public void write(String text) {
    Await.result(response.write(text));
  }

  boolean isBegun() {
    return begun;
  }
}
