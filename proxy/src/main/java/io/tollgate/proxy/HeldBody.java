package io.tollgate.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.tollgate.proxy.caller.Callers;
import io.tollgate.proxy.forward.Forwarder;
import io.tollgate.proxy.forward.Held;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request's body while its call waits for somebody who is asked about it. What arrives before
 * anyone listens would be lost, and with it the request's end; so it stays back until the
 * forwarding takes it or an answer makes it needless. What of it may have come is counted, and its
 * caller may leave. Reused with its {@link Passage}, on one event loop.
 */
final class HeldBody implements Held {
  private final Callers callers;
  private final Forwarder forwarder;
  private @Nullable HttpServerRequest request;
  private boolean waits;
  private int lying;
  private boolean malformed;
  private boolean left;

  HeldBody(Callers callers, Forwarder forwarder) {
    this.callers = callers;
    this.forwarder = forwarder;
  }

  /** Nothing is held back yet. */
  void reset() {
    request = null;
    waits = false;
    malformed = false;
    left = false;
  }

  /**
   * Keeps it back. Once held it stays so: a caller may have reset its stream since, and a request
   * that has ended cannot be paused.
   */
  void hold(HttpServerRequest holding) {
    if (request != null) {
      return;
    }
    request = holding;
    waits = true;
    if (hasLength(holding)) {
      callers.of(holding.connection()).pause(holding); // its connection is not read on either
    } else {
      holding.pause();
    }
    holding.response().exceptionHandler(cause -> broke(holding, cause));
    lies(forwarder.mayLie(holding));
  }

  /** Whether its caller left, or was cut off, while somebody was asked. */
  boolean hasLeft() {
    return left;
  }

  /** Whether it turned out not to be HTTP while somebody was asked; it is answered. */
  boolean isMalformed() {
    return malformed;
  }

  /** The wait is over, be it that somebody else holds it back and counts it now. */
  void end() {
    if (waits) {
      waits = false;
      lies(0);
    }
  }

  /** Lets it run on, to be thrown away. */
  void release() {
    HttpServerRequest held = request;
    if (held == null) {
      return;
    }
    request = null;
    if (hasLength(held)) {
      callers.of(held.connection()).resume(held);
    } else {
      held.resume();
    }
  }

  @Override
  public int lying() {
    return lying;
  }

  @Override
  public void makeRoom() {
    HttpServerRequest held = request;
    leave();
    if (held != null) {
      forwarder.cutOff(held);
    }
  }

  /** Nobody else listens until the call is forwarded, which puts its own handler here. */
  @SuppressWarnings("ReferenceEquality") // a request is itself alone
  private void broke(HttpServerRequest holding, Throwable cause) {
    if (!waits || request != holding) {
      return;
    }
    if (forwarder.refuseBody(holding, cause)) {
      malformed = true;
      end();
    } else {
      leave();
    }
  }

  private void leave() {
    left = true;
    end();
  }

  private void lies(int bytes) {
    if (lying != bytes) {
      lying = bytes;
      forwarder.lies(this);
    }
  }

  private static boolean hasLength(HttpServerRequest request) {
    return request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
        || request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
  }
}
