package io.tollgate.controlplane.web;

import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.Await;
import io.tollgate.controlplane.database.Database;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.BindException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The HTTP server: takes requests on event loops and answers each on a virtual thread of its own.
 * Besides the rooms' routes it serves {@code /live}, {@code /ready} and {@code /metrics}.
 */
public final class WebServer implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(10);

  private final HttpServer server;
  private final Answers answers;
  private final Health health;

  private WebServer(HttpServer server, Answers answers, Health health) {
    this.server = server;
    this.answers = answers;
    this.health = health;
  }

  /** What the server works with. */
  public record Parts(
      Vertx vertx,
      Database database,
      Tokens tokens,
      InstantSource clock,
      CollectorRegistry metrics) {}

  /**
   * Opens the port.
   *
   * @throws BindException naming address and port, if it is taken
   */
  public static WebServer start(Parts parts, WebSettings settings, Routes routes)
      throws BindException {
    Answers answers = new Answers(parts);
    Health health = new Health(parts.database(), parts.metrics());
    Router router = Router.router(parts.vertx());
    health.mount(router);
    router.route().handler(BodyHandler.create(false).setBodyLimit(settings.bodyLimit()));
    for (Route route : routes.all()) {
      var mounted = router.route(HttpMethod.valueOf(route.method()), route.routerPath());
      if (route.method().equals("GET")) {
        mounted.method(HttpMethod.HEAD);
      }
      mounted.handler(context -> answers.answer(route, context));
    }
    router.errorHandler(404, context -> answers.fail(context, notFound(context)));
    router.errorHandler(405, context -> answers.fail(context, wrongMethod(routes, context)));
    router.errorHandler(413, context -> answers.fail(context, tooLarge(settings.bodyLimit())));
    router.errorHandler(400, context -> answers.fail(context, Problem.malformed("bad request")));
    router.errorHandler(500, context -> answers.failed(context, context.failure()));
    HttpServerOptions options =
        new HttpServerOptions()
            .setIdleTimeout(Math.toIntExact(settings.idle().toMillis()))
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setCompressionSupported(true)
            .setHandle100ContinueAutomatically(true);
    HttpServer server = parts.vertx().createHttpServer(options).requestHandler(router);
    try {
      Await.result(server.listen(settings.port(), settings.host()));
    } catch (RuntimeException e) {
      if (e.getCause() instanceof java.util.concurrent.ExecutionException wrapped
          && wrapped.getCause() instanceof BindException) {
        throw new BindException(
            "%s:%d is taken; choose another port with --port or listen.port"
                .formatted(settings.host(), settings.port()));
      }
      throw e;
    }
    return new WebServer(server, answers, health);
  }

  /** The port the server listens on. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Stops in order: {@code /ready} turns false, streams end, requests at work are waited for within
   * a bound, then the port closes.
   */
  @Override
  public void close() {
    health.close();
    answers.drain(DRAIN);
    Await.result(server.close());
  }

  private static Problem notFound(RoutingContext context) {
    return new Problem(
        404, "not-found", "Not found", "there is nothing at " + context.normalizedPath());
  }

  private static Problem tooLarge(long limit) {
    return new Problem(
        413, "too-large", "Body too large", "a body of at most " + limit + " bytes is taken");
  }

  private static Problem wrongMethod(Routes routes, RoutingContext context) {
    List<String> allowed =
        routes.all().stream()
            .filter(route -> route.isAt(context.normalizedPath()))
            .map(Route::method)
            .flatMap(method -> method.equals("GET") ? Stream.of(method, "HEAD") : Stream.of(method))
            .distinct()
            .sorted()
            .toList();
    String list = allowed.stream().collect(Collectors.joining(", "));
    return new Problem(
            405,
            "method-not-allowed",
            "Method not allowed",
            context.request().method() + " does nothing here; allowed: " + list)
        .header("Allow", list);
  }
}
