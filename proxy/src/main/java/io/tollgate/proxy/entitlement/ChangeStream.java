package io.tollgate.proxy.entitlement;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tollgate.contract.EntitlementsChange;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the control plane's changes: connects, resumes after the last sequence it gave on, gives
 * up a silent connection, tries again with growing pauses, for ever. Runs on one event loop.
 */
final class ChangeStream {
  /** Heartbeats come every 5 s; three missed ones are silence. */
  static final Duration SILENCE = Duration.ofSeconds(15);

  private static final long FIRST_PAUSE = 100;
  private static final long LONGEST_PAUSE = 10_000;
  private static final Logger LOG = LoggerFactory.getLogger(ChangeStream.class);

  /** Takes what the stream brings, on the stream's event loop. */
  interface Follower {
    /** After which change to go on; empty for none yet. */
    OptionalLong sequence();

    /** Anything was heard. */
    void heard();

    /** The stream stands at this sequence and will bring what follows. */
    void position(long sequence);

    /** The change of one tenant. */
    void change(EntitlementsChange change);

    /**
     * Changes were missed for good: everything known must be fetched anew. Comes after the position
     * of its connection.
     */
    void reset();
  }

  private record Position(@JsonProperty("sequence") long sequence) {}

  private final Vertx vertx;
  private final Context home;
  private final ControlPlane controlPlane;
  private final InstantSource clock;
  private final Follower follower;

  private long pause = FIRST_PAUSE;
  private boolean closed;

  /** Counts the connections, so that what a former one still says is not taken for the present. */
  private long connection;

  private volatile boolean connected;
  private @Nullable HttpClientResponse current;
  private Instant lastHeard = Instant.MIN;

  ChangeStream(
      Vertx vertx,
      Context home,
      ControlPlane controlPlane,
      InstantSource clock,
      Follower follower) {
    this.vertx = vertx;
    this.home = home;
    this.controlPlane = controlPlane;
    this.clock = clock;
    this.follower = follower;
  }

  void start() {
    home.runOnContext(ignored -> connect());
    home.runOnContext(ignored -> vertx.setPeriodic(SILENCE.toMillis() / 3, this::watch));
  }

  /** Whether a stream is open and has said where it stands. */
  boolean connected() {
    return connected;
  }

  void close() {
    home.runOnContext(
        ignored -> {
          closed = true;
          drop();
        });
  }

  private void connect() {
    if (closed) {
      return;
    }
    OptionalLong after = follower.sequence();
    String path = "/api/proxy/changes" + (after.isPresent() ? "?after=" + after.getAsLong() : "");
    controlPlane.stream(path)
        .onComplete(
            answer -> home.runOnContext(ignored -> opened(answer)),
            failure -> home.runOnContext(ignored -> again(failure.toString())));
  }

  private void opened(HttpClientResponse answer) {
    if (closed || answer.statusCode() != 200) {
      answer.request().connection().close();
      again("status " + answer.statusCode());
      return;
    }
    current = answer;
    long mine = ++connection;
    lastHeard = clock.instant();
    SseParser parser = new SseParser(this::event);
    answer.handler(
        bytes -> {
          if (mine != connection) {
            return;
          }
          lastHeard = clock.instant();
          follower.heard();
          try {
            parser.feed(bytes.getBytes());
          } catch (IllegalStateException e) {
            lost(mine, e.getMessage());
          }
        });
    answer.exceptionHandler(failure -> lost(mine, failure.toString()));
    answer.endHandler(ignored -> lost(mine, "the control plane ended the stream"));
    answer.resume();
  }

  private void event(String event, String id, byte[] data) {
    try {
      switch (event) {
        case "position" -> {
          follower.position(Wire.read(data, Position.class).sequence());
          pause = FIRST_PAUSE;
          connected = true;
        }
        case "change" -> follower.change(Wire.read(data, EntitlementsChange.class));
        case "reset" -> follower.reset();
        default -> LOG.debug("the change stream brought an unknown event '{}'", event);
      }
    } catch (IOException e) {
      // To skip it would be to miss a change for ever; to reconnect asks for it again.
      throw new IllegalStateException("event " + id + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void watch(long timer) {
    if (closed) {
      vertx.cancelTimer(timer);
    } else if (current != null && lastHeard.plus(SILENCE).isBefore(clock.instant())) {
      lost(connection, "silent for " + SILENCE.toSeconds() + " s");
    }
  }

  private void lost(long which, @Nullable String why) {
    if (which == connection) {
      drop();
      again(why);
    }
  }

  private void drop() {
    HttpClientResponse answer = current;
    current = null;
    connection++;
    connected = false;
    if (answer != null) {
      answer.request().connection().close();
    }
  }

  private void again(@Nullable String why) {
    if (closed) {
      return;
    }
    // Jitter keeps a fleet of proxies from coming back all at once.
    long wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    LOG.warn("the change stream is broken: {}; connecting again in {} ms", why, wait);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
    vertx.setTimer(wait, ignored -> home.runOnContext(again -> connect()));
  }
}
