package io.tollgate.proxy.meter;

import org.jspecify.annotations.Nullable;

/** What metering needs to know of an exchange that is over, or of one that goes on. */
public interface Exchange {
  /** The status of the answer; 0 while there is none. */
  int status();

  /** What the exchange has left HTTP for, such as {@code websocket}; empty where it has not. */
  String protocol();

  /** Whether the answer came from the upstream, rather than being made here. */
  boolean answered();

  /** Body bytes received from the caller so far. */
  long requestBytes();

  /** Body bytes received from the upstream so far. */
  long responseBytes();

  /** Milliseconds since the call was admitted. */
  long elapsedMillis();

  /** A field of the answer's head, or of its trailer once it is there; null if absent. */
  @Nullable String responseField(CharSequence name);
}
