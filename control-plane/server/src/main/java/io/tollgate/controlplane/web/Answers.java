package io.tollgate.controlplane.web;

import io.prometheus.client.Histogram;
import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.DatabaseUnreachableException;
import io.tollgate.yaml.YamlException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request's way from the event loop through its route to the answer. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private static final String BEARER = "bearer ";
  private static final String JSON = "application/json";
  private static final Principal NOBODY = new Principal("anonymous", Role.VIEWER, null);

  private final Database database;
  private final Tokens tokens;
  private final Idempotency idempotency;
  private final Histogram seconds;
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
  private final AtomicInteger atWork = new AtomicInteger();
  private volatile boolean closing;

  Answers(WebServer.Parts parts) {
    database = parts.database();
    tokens = parts.tokens();
    idempotency = new Idempotency(parts.database(), parts.clock());
    seconds =
        Histogram.build("tollgate_http_request_seconds", "Time to answer, by route and status.")
            .labelNames("route", "status")
            .register(parts.metrics());
  }

  /** Takes a request on the event loop and answers it on a virtual thread. */
  void answer(Route route, RoutingContext context) {
    Context loop = context.vertx().getOrCreateContext();
    long begun = System.nanoTime();
    atWork.incrementAndGet();
    boolean attended =
        switch (route.work()) {
          case Routes.Work.Transactional work -> true;
          case Routes.Work.Direct work -> true;
          case Routes.Work.Streaming work -> false;
          case Routes.Work.Downloading work -> false;
        };
    if (attended) {
      Attended.begin(context.request().connection());
    }
    Thread.ofVirtual()
        .name(route.name())
        .start(
            () -> {
              Runnable answer = () -> {};
              try {
                answer = work(route, context, loop, begun);
              } finally {
                finish(answer, attended, context, loop);
                atWork.decrementAndGet();
              }
            });
  }

  private static void finish(
      Runnable answer, boolean attended, RoutingContext context, Context loop) {
    loop.runOnContext(
        nothing -> {
          try {
            answer.run();
          } finally {
            if (attended) {
              Attended.end(context.request().connection());
            }
          }
        });
  }

  /** Does a request's work; what is left of it is for the event loop. */
  private Runnable work(Route route, RoutingContext context, Context loop, long begun) {
    Reply reply;
    try {
      Call call = call(route, context);
      if (route.work() instanceof Routes.Work.Streaming streaming) {
        stream(streaming, call, context, loop);
        return () -> {};
      }
      if (route.work() instanceof Routes.Work.Downloading downloading) {
        download(downloading, call, context, loop);
        observe(route, 200, begun);
        return () -> {};
      }
      reply = reply(route, call);
    } catch (RuntimeException | Error e) {
      Problem problem = problem(e);
      observe(route, problem.status(), begun);
      return () -> fail(context, problem);
    }
    observe(route, reply.status(), begun);
    return () -> send(context, reply);
  }

  private void observe(Route route, int status, long begun) {
    seconds.labels(route.name(), String.valueOf(status)).observe((System.nanoTime() - begun) / 1e9);
  }

  private Call call(Route route, RoutingContext context) {
    Principal principal = route.isOpen() ? NOBODY : authenticated(context);
    if (!route.isOpen() && !route.roles().contains(principal.role())) {
      throw Problem.forbidden("a token of the role " + principal.role() + " may not do this");
    }
    route.mustTake(context.queryParams());
    Buffer buffer = context.body().buffer();
    byte[] body = buffer == null ? new byte[0] : buffer.getBytes();
    if (body.length > 0) {
      mustBeAccepted(route, context.request().getHeader(HttpHeaders.CONTENT_TYPE), body);
    }
    return new Call(
        principal,
        new Call.Target(route.method(), context.request().uri(), context.pathParams()),
        context.queryParams(),
        context.request().headers(),
        body);
  }

  private Principal authenticated(RoutingContext context) {
    String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      throw unauthorized("send a bearer token in the header Authorization");
    }
    return tokens
        .principal(header.substring(BEARER.length()).strip())
        .orElseThrow(() -> unauthorized("this token is unknown or revoked"));
  }

  private static Problem unauthorized(String detail) {
    return new Problem(401, "unauthorized", "Unauthorized", detail)
        .header("WWW-Authenticate", "Bearer");
  }

  private static void mustBeAccepted(Route route, @Nullable String header, byte[] body) {
    String type = header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!route.accepted().contains(type)) {
      throw new Problem(
          415,
          "unsupported-media-type",
          "Unsupported media type",
          "the body must be "
              + String.join(" or ", route.accepted())
              + ", not "
              + (type.isEmpty() ? "without a Content-Type" : type));
    }
    if (type.equals(JSON)) {
      OneDocument.check(body);
    }
  }

  private Reply reply(Route route, Call call) {
    Optional<String> key = Idempotency.key(call);
    return switch (route.work()) {
      case Routes.Work.Transactional work ->
          route.isLooking() && key.isEmpty()
              ? database.lookingUp(call.principal().scope(), tx -> work.handler().handle(call, tx))
              : transactional(work.handler(), call, key);
      case Routes.Work.Direct work ->
          key.isEmpty()
              ? work.handler().handle(call)
              : idempotency.around(call, key.get(), () -> work.handler().handle(call));
      case Routes.Work.Streaming streaming ->
          throw new IllegalStateException("a stream is no reply: " + streaming);
      case Routes.Work.Downloading downloading ->
          throw new IllegalStateException("a download is no reply: " + downloading);
    };
  }

  private Reply transactional(Routes.Handler handler, Call call, Optional<String> key) {
    return database.inTransaction(
        call.principal().scope(),
        tx ->
            key.isEmpty()
                ? handler.handle(call, tx)
                : idempotency.inTransaction(tx, call, key.get(), () -> handler.handle(call, tx)));
  }

  private void stream(
      Routes.Work.Streaming streaming, Call call, RoutingContext context, Context loop) {
    HttpServerResponse response = context.response();
    response
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        .putHeader("Content-Encoding", "identity");
    if (asksForHeadOnly(context)) {
      loop.runOnContext(nothing -> response.end());
      return;
    }
    EventStream stream = new EventStream(response);
    streams.add(stream);
    response.setChunked(true).closeHandler(nothing -> stream.close());
    if (closing) {
      stream.close();
    }
    try {
      streaming.handler().handle(call, stream);
    } finally {
      streams.remove(stream);
      loop.runOnContext(
          nothing -> {
            if (!response.ended() && !response.closed()) {
              response.end();
            }
          });
    }
  }

  private static void download(
      Routes.Work.Downloading downloading, Call call, RoutingContext context, Context loop) {
    HttpServerResponse response = context.response();
    Download download = new Download(response, asksForHeadOnly(context));
    try {
      downloading.handler().handle(call, download);
    } catch (Download.HeadSentException e) {
      loop.runOnContext(nothing -> response.end());
      return;
    } catch (RuntimeException | Error e) {
      if (!download.isBegun()) {
        throw e;
      }
      LOG.warn("a download broke off", e);
      loop.runOnContext(nothing -> context.request().connection().close());
      return;
    }
    loop.runOnContext(
        nothing -> {
          if (!response.ended() && !response.closed()) {
            response.end();
          }
        });
  }

  private static Problem problem(Throwable failure) {
    return switch (failure) {
      case Problem problem -> problem;
      case YamlException mistake ->
          new Problem(422, "invalid", "Invalid value", String.valueOf(mistake.getMessage()))
              .with(
                  "errors",
                  List.of(
                      Map.of(
                          "field",
                          mistake.path(),
                          "line",
                          mistake.line(),
                          "detail",
                          mistake.problem())));
      case ConflictException conflict -> Problem.conflict(String.valueOf(conflict.getMessage()));
      case DatabaseUnreachableException away -> {
        LOG.warn("the database does not answer", away);
        yield new Problem(
                503, "unavailable", "Unavailable", "the database does not answer; try again later")
            .header("Retry-After", "5");
      }
      case Throwable other -> {
        String incident = Long.toHexString(System.nanoTime());
        LOG.error("incident {}", incident, other);
        yield new Problem(
            500, "internal", "Internal error", "the log tells more under incident " + incident);
      }
    };
  }

  /** Answers with what a handler of the router itself threw. */
  void failed(RoutingContext context, @Nullable Throwable failure) {
    fail(
        context,
        problem(failure == null ? new IllegalStateException("failed without a cause") : failure));
  }

  /** Answers with a problem. On the event loop. */
  void fail(RoutingContext context, Problem problem) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.headWritten()) {
      context.request().connection().close();
      return;
    }
    problem.headers().forEach(response::putHeader);
    response.setStatusCode(problem.status()).putHeader("Content-Type", "application/problem+json");
    end(context, Buffer.buffer(Wire.write(problem.body())));
  }

  private static boolean asksForHeadOnly(RoutingContext context) {
    return context.request().method().equals(HttpMethod.HEAD);
  }

  /** Ends with a body, or for HEAD with its length where no content coding makes it another. */
  static void end(RoutingContext context, Buffer body) {
    HttpServerResponse response = context.response();
    if (!asksForHeadOnly(context)) {
      response.end(body);
      return;
    }
    if (context.request().getHeader(HttpHeaders.ACCEPT_ENCODING) == null) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length()));
    }
    response.end();
  }

  private static void send(RoutingContext context, Reply reply) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    reply.headers().forEach(response::putHeader);
    response.setStatusCode(reply.status());
    if (reply.status() == 204) {
      response.end();
    } else {
      end(context, reply.body());
    }
  }

  /** Ends the streams and waits for the requests at work, at most so long. */
  void drain(Duration atMost) {
    closing = true;
    streams.forEach(EventStream::close);
    long end = System.nanoTime() + atMost.toNanos();
    while (atWork.get() > 0 && System.nanoTime() < end) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
