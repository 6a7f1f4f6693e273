package io.tollgate.proxy.forward;

import io.tollgate.proxy.http.PreparedFields;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way, as those see it who sent it there: what is said of it beforehand, what can
 * be asked of it, and how it is cut off. Told a failure, it takes the caller for gone. On the
 * caller's event loop.
 */
public abstract class Forwarding implements Handler<Throwable> {
  final HttpServerRequest request;
  final Attempts attempts;
  final @Nullable Handshake handshake;
  @Nullable BodyWatch watch;

  Forwarding(HttpServerRequest request, Attempts attempts, @Nullable Handshake handshake) {
    this.request = request;
    this.attempts = attempts;
    this.handshake = handshake;
  }

  /** Its request. */
  abstract RequestRelay sent();

  /** Its answer. */
  abstract AnswerRelay answer();

  /** Sets a field of the request that goes upstream. Before {@link #start}. */
  public Forwarding set(CharSequence name, CharSequence value) {
    sent().fields().set(name, value);
    return this;
  }

  /**
   * Adds fields to the request that goes upstream, whose names no caller may send. Before {@link
   * #start}.
   */
  public Forwarding tell(PreparedFields fields) {
    sent().tell(fields);
    return this;
  }

  /** Takes a field out of the request that goes upstream. Before {@link #start}. */
  public Forwarding remove(CharSequence name) {
    sent().remove(name);
    return this;
  }

  /** Takes a query parameter out of the target that goes upstream. Before {@link #start}. */
  public Forwarding removeQuery(String name) {
    sent().removeQuery(name);
    return this;
  }

  /** Lets somebody look at the bytes as they pass. Before {@link #start}. */
  public Forwarding watch(BodyWatch looking) {
    watch = looking;
    return this;
  }

  /** Sends the call on its way. */
  public abstract void start();

  /**
   * Whether the exchange goes on: it is not over, and its caller is still there to take the rest.
   */
  public abstract boolean isRunning();

  /** Whether the request has a body, which this forwarding then takes itself. */
  public boolean hasBody() {
    return sent().hasBody();
  }

  /** Body bytes received from the caller so far. */
  public long requestBytes() {
    return sent().bytes();
  }

  /** Body bytes received from the upstream so far. */
  public long responseBytes() {
    return answer().bytes();
  }

  /** The upstream's name. */
  public String upstreamName() {
    return attempts.upstream().settings().name();
  }

  /** Nanoseconds from the call's start upstream; asked when it is over. */
  public long upstreamNanos() {
    return attempts.nanos();
  }

  /** Nanoseconds from the call's start upstream to its answer's head; -1 without one. */
  public long headNanos() {
    return answer().headNanos();
  }

  /** The answer's status; 0 while there is none. */
  public int status() {
    return answer().status();
  }

  /** What it has left HTTP for, such as {@code websocket}; empty where it has not. */
  public String protocol() {
    return handshake != null && answer().hasSwitched() ? handshake.protocol() : "";
  }

  /** A field of the caller's response, or of its trailer; null if absent. */
  public @Nullable String responseField(CharSequence name) {
    String value = request.response().headers().get(name);
    return value == null ? answer().trailer(name) : value;
  }

  /**
   * Ends the call in the middle, since it may use no more: a gRPC caller reads RESOURCE_EXHAUSTED,
   * a WebSocket is closed with 1008, both with the problem's words; where no answer has begun it is
   * the answer, and any other is cut off.
   *
   * @param betweenFrames whether a frame of our own can go to the caller of a WebSocket
   */
  public abstract void cutOff(Problem why, boolean betweenFrames);
}
