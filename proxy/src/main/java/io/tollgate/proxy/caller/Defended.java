package io.tollgate.proxy.caller;

import java.util.Locale;

/** What a caller was stopped for. */
public enum Defended {
  /** One connection too many altogether. */
  CONNECTIONS,
  /** One connection too many of its address. */
  CONNECTIONS_PER_CLIENT,
  /** A request's head that did not end in time. */
  SLOW_HEAD,
  /** A request's body that stopped, or came too slowly. */
  SLOW_BODY,
  /** An answer that was not read. */
  SLOW_READER,
  /** A connection without a call for too long. */
  IDLE,
  /** A request line or header fields that are too long. */
  HEADER_SIZE,
  /** Too many header fields. */
  HEADER_COUNT,
  /** One HTTP/2 stream too many of a connection. */
  STREAMS,
  /** HTTP/2 frames that only cost: resets, small CONTINUATIONs, pings, empty data. */
  HTTP2_FLOOD,
  /** A call while too many answers lay unread. */
  MEMORY;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The label of metrics and logs. */
  public String label() {
    return label;
  }
}
