package io.tollgate.proxy.forward;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.tollgate.proxy.upstream.HeadTooLarge;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/** What the proxy says itself while it forwards. */
final class Refusal {
  private Refusal() {}

  /** The upstream gave no answer. */
  static Problem unusable(String upstream, UpstreamFailure failure) {
    return Problem.of(
        failure.status(),
        "Upstream failure",
        "The service '" + upstream + "' cannot be used: " + failure.detail());
  }

  /** An extended CONNECT whose upstream takes none. */
  static Problem noWebSocketOverHttp2() {
    return Problem.of(501, "Not implemented", "WebSockets go upstream by HTTP/1.1 only.");
  }

  /** The request cannot be written as HTTP. */
  static Problem unsendable(IllegalArgumentException cause) {
    String detail = "It cannot go upstream: " + cause.getMessage();
    return cause instanceof HeadTooLarge
        ? Problem.of(431, "Header fields too large", detail)
        : Problem.of(400, "Bad request", detail);
  }

  /** The caller stopped sending. */
  static Problem stalled() {
    return Problem.of(408, "Request timeout", "The body stopped in the middle.");
  }

  /** Whether this is why a request's body could not be read. */
  static boolean isMalformed(Throwable cause) {
    return cause instanceof IllegalArgumentException || cause instanceof DecoderException;
  }

  /** The body turned out not to be HTTP. */
  static Problem malformedBody(Throwable cause) {
    return Problem.of(400, "Bad request", "The body is not valid: " + cause.getMessage());
  }

  /**
   * OPTIONS or TRACE for the proxy itself: it has nothing to say, and does not echo fields.
   *
   * @return the status it answered with
   */
  static int lastHop(HttpServerRequest request, Forwarder forwarder) {
    if (request.method().equals(HttpMethod.OPTIONS)) {
      var unused = request.response().putHeader(HttpHeaderNames.DATE, forwarder.date()).end();
      return 200;
    }
    forwarder.answer(request, Problem.of(501, "Not implemented", "Fields are not echoed here."));
    return 501;
  }

  /** Sends what was written at once, where the connection is about to be closed. */
  static void flush(HttpServerRequest request) {
    if (request.connection() instanceof ConnectionBase connection) {
      connection.channelHandlerContext().flush();
    }
  }
}
