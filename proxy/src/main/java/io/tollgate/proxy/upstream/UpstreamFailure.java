package io.tollgate.proxy.upstream;

import java.util.Locale;

/** Why a call got no answer, or not the whole of it, from its upstream. */
public enum UpstreamFailure {
  /** The connection was refused, reset while opening, or TLS failed. */
  CONNECT(502, "the connection could not be opened"),
  /** The address's name has no address. */
  NAME(502, "its name could not be resolved"),
  /** The connection did not open in time. */
  CONNECT_TIMEOUT(504, "the connection did not open in time"),
  /** Every connection is busy and the queue for one is full. */
  NO_CONNECTION(503, "all connections to it are busy"),
  /** The circuit breaker is open. */
  BREAKER_OPEN(503, "it failed too often just now; the next try is in a few seconds"),
  /** No answer in time. */
  RESPONSE_TIMEOUT(504, "it did not answer in time"),
  /** The body stalled. */
  IDLE_TIMEOUT(504, "it stopped sending in the middle"),
  /** The connection closed before the answer's end. */
  CLOSED(502, "it closed the connection before its answer was whole"),
  /** An HTTP/2 upstream says it has not begun with the call: it may be sent again. */
  REFUSED(503, "it takes no more calls on this connection"),
  /** An HTTP/2 upstream gave the call up. */
  RESET(502, "it gave the call up"),
  /** The answer is not HTTP. */
  MALFORMED(502, "its answer is not valid HTTP"),
  /** The proxy is going down. */
  SHUTDOWN(503, "the proxy is going down");

  private final int status;
  private final String detail;
  private final String label;

  UpstreamFailure(int status, String detail) {
    this.status = status;
    this.detail = detail;
    this.label = name().toLowerCase(Locale.ROOT);
  }

  /** The status of the answer made here: 502, 503 or 504. */
  public int status() {
    return status;
  }

  /** The label of metrics and logs. */
  public String label() {
    return label;
  }

  /** Whether it says something of the address that was asked, rather than of the proxy. */
  public boolean isOfTheAddress() {
    return switch (this) {
      case CONNECT,
          NAME,
          CONNECT_TIMEOUT,
          RESPONSE_TIMEOUT,
          IDLE_TIMEOUT,
          CLOSED,
          RESET,
          MALFORMED ->
          true;
      case NO_CONNECTION, BREAKER_OPEN, REFUSED, SHUTDOWN -> false;
    };
  }

  /** What the caller is told. */
  public String detail() {
    return detail;
  }
}
