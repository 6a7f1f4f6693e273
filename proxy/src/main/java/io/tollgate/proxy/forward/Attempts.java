package io.tollgate.proxy.forward;

import io.tollgate.proxy.upstream.AddressPool;
import io.tollgate.proxy.upstream.Upstream;
import io.tollgate.proxy.upstream.UpstreamEvents;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.tollgate.proxy.upstream.UpstreamStream;
import org.jspecify.annotations.Nullable;

/**
 * One call's tries at its upstream: where the present one is, what the circuit breaker and the
 * address's health are told of it, and whether there may be another. On the call's event loop.
 */
final class Attempts {
  private static final int MOST_TRIES = 2;

  private final Forwarder forwarder;
  private final Upstream upstream;
  private final long beganAt = System.nanoTime();
  private @Nullable AddressPool pool;
  private @Nullable UpstreamStream stream;
  private int tries;
  private boolean owesBreaker;

  /** Whether the last try met a pooled connection that was stale. */
  private boolean stale;

  Attempts(Forwarder forwarder, Upstream upstream) {
    this.forwarder = forwarder;
    this.upstream = upstream;
  }

  Upstream upstream() {
    return upstream;
  }

  /** The address of the present try, as {@code host:port}; empty before the first. */
  String address() {
    AddressPool asked = pool;
    return asked == null ? "" : asked.address();
  }

  /** Nanoseconds since the call began. */
  long nanos() {
    return System.nanoTime() - beganAt;
  }

  /** The stream of the present try; null where it has none. */
  @Nullable UpstreamStream stream() {
    return stream;
  }

  /**
   * Begins a try: the call is told when it has a stream.
   *
   * @return false where the circuit breaker is open
   */
  boolean begin(UpstreamEvents call, boolean grpc, boolean upgrade) {
    tries++;
    if (!upstream.permits()) {
      return false;
    }
    owesBreaker = true;
    AddressPool chosen = pool == null ? upstream.choose() : upstream.chooseOtherThan(pool);
    pool = chosen;
    chosen.acquire(call, grpc, upgrade, stale);
    return true;
  }

  void ready(UpstreamStream given) {
    stream = given;
  }

  /** The stream is over by itself. */
  void streamOver() {
    stream = null;
  }

  /** The head of an answer has come. */
  void answered(long nanos) {
    if (pool != null) {
      pool.answered();
    }
    if (owesBreaker) {
      owesBreaker = false;
      upstream.answered(nanos);
    }
  }

  /**
   * The try failed, and there is another.
   *
   * @param replayable whether all that failed was a pooled connection, which says nothing of the
   *     address
   */
  void again(UpstreamFailure failure, boolean replayable) {
    stale = replayable;
    forwarder.retried(upstream);
    if (stale) {
      release();
    } else {
      failed(failure);
    }
  }

  /** The call failed for good. */
  void failedForGood(UpstreamFailure failure) {
    forwarder.failed(upstream, failure);
    failed(failure);
  }

  private void failed(UpstreamFailure failure) {
    if (pool != null && failure.isOfTheAddress() && pool.failed()) {
      forwarder.ejected(upstream);
    }
    if (owesBreaker) {
      owesBreaker = false;
      upstream.failed(nanos(), failure);
    }
  }

  private void release() {
    if (owesBreaker) {
      owesBreaker = false;
      upstream.released();
    }
  }

  /** The call needs its upstream no more, whether or not it has a stream or waits for one. */
  void leave(UpstreamEvents call) {
    UpstreamStream up = stream;
    stream = null;
    if (up != null) {
      up.cancel();
    } else if (pool != null) {
      pool.forget(call);
    }
    release();
  }

  /**
   * Whether the request may go out once more: nothing was sent; a pooled connection was stale and
   * the method allows a second time (RFC 9110, section 9.2.2); or the method allows it and so does
   * the upstream's budget.
   *
   * @param replayable whether a stale pooled connection died before anything came back
   */
  boolean mayRetry(UpstreamFailure failure, RequestRelay sent, boolean replayable) {
    if (tries >= MOST_TRIES || !sent.isReplayable()) {
      return false;
    }
    return switch (failure) {
      case REFUSED -> true;
      case CONNECT, CONNECT_TIMEOUT, NAME -> upstream.hasOtherThan(pool);
      case CLOSED -> sent.isIdempotent() && (replayable || budgetAllows());
      case RESET -> sent.isIdempotent() && budgetAllows();
      case NO_CONNECTION, BREAKER_OPEN, RESPONSE_TIMEOUT, IDLE_TIMEOUT, MALFORMED, SHUTDOWN ->
          false;
    };
  }

  /** Whether the upstream's budget has a repetition left; one it has not is counted. */
  private boolean budgetAllows() {
    boolean allowed = upstream.mayRepeat();
    if (!allowed) {
      forwarder.retryRefused(upstream);
    }
    return allowed;
  }
}
