package io.tollgate.proxy.meter;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.entitlement.Wire;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where agents on this machine deliver what they counted: {@code POST /letterbox} with {@link
 * UsageTotals} answers 200 with a {@link UsageReceipt} once the totals are journalled; anything
 * else is answered with a problem. The same message may come any number of times.
 */
public final class Letterbox {
  /** The longest message taken: 4 MiB, some 30,000 totals. */
  public static final int LONGEST = 4 << 20;

  private static final int IDLE_SECONDS = 60;

  /** Keeps what is delivered: the usage room's journal. Thread-safe. */
  @FunctionalInterface
  public interface Slot {
    /**
     * Completes once every total is durable or named as refused; fails where it cannot be said now.
     */
    Future<UsageReceipt> relay(UsageTotals totals);
  }

  private final HttpServer server;
  private final Slot slot;
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();

  private Letterbox(Vertx vertx, Slot slot) {
    this.slot = slot;
    this.server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(true));
  }

  /**
   * Opens the letterbox.
   *
   * @return fails if the port cannot be had
   */
  public static Future<Letterbox> open(Vertx vertx, Endpoint endpoint, Slot slot) {
    Letterbox letterbox = new Letterbox(vertx, slot);
    return letterbox
        .server
        .requestHandler(letterbox::serve)
        .listen(endpoint.port(), endpoint.host())
        .map(listening -> letterbox);
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Messages journalled, since the start. */
  public long delivered() {
    return delivered.get();
  }

  /** Messages answered with a problem, since the start. */
  public long turnedAway() {
    return turnedAway.get();
  }

  /** Answers what is under way, then closes. */
  public Future<Void> close() {
    return server.close();
  }

  private void serve(HttpServerRequest request) {
    if (!request.path().equals("/letterbox")) {
      turnAway(request, 404, "there is only /letterbox here");
    } else if (!request.method().equals(HttpMethod.POST)) {
      request.response().putHeader(HttpHeaders.ALLOW, "POST");
      turnAway(request, 405, "the letterbox takes POST");
    } else {
      new Delivery(request).receive();
    }
  }

  private void turnAway(HttpServerRequest request, int status, String detail) {
    turnedAway.incrementAndGet();
    if (request.response().ended() || request.response().closed()) {
      return;
    }
    if (!request.isEnded()) {
      // The rest of the body is not waited for.
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    Map<String, Object> problem =
        Map.of("type", "about:blank", "title", title(status), "status", status, "detail", detail);
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .end(Buffer.buffer(Wire.write(problem)));
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 413 -> "Content Too Large";
      default -> "Service Unavailable";
    };
  }

  /** One message on its way in. */
  private final class Delivery {
    private final HttpServerRequest request;
    private final Buffer body = Buffer.buffer();
    private boolean tooLong;

    Delivery(HttpServerRequest request) {
      this.request = request;
    }

    void receive() {
      request.handler(this::take);
      request.endHandler(ignored -> deliver());
    }

    private void take(Buffer part) {
      if (tooLong) {
        return;
      }
      if (body.length() + part.length() > LONGEST) {
        tooLong = true;
        turnAway(request, 413, "a message has at most " + LONGEST + " bytes");
        return;
      }
      body.appendBuffer(part);
    }

    private void deliver() {
      if (tooLong) {
        return;
      }
      UsageTotals totals;
      try {
        totals = Wire.read(body.getBytes(), UsageTotals.class);
      } catch (IOException e) {
        turnAway(request, 400, "no usage totals: " + firstLine(e));
        return;
      }
      if (totals.format() != UsageTotals.FORMAT) {
        turnAway(request, 400, "format " + totals.format() + " is not known here");
        return;
      }
      slot.relay(totals).onComplete(this::receipt, this::busy);
    }

    private void receipt(UsageReceipt receipt) {
      delivered.incrementAndGet();
      request
          .response()
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .end(Buffer.buffer(Wire.write(receipt)));
    }

    private void busy(Throwable failure) {
      request.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      turnAway(request, 503, String.valueOf(failure.getMessage()));
    }

    private static String firstLine(IOException e) {
      return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
  }
}
