package io.tollgate.proxy.forward;

import io.tollgate.proxy.caller.Callers;
import io.tollgate.proxy.caller.Defended;
import io.tollgate.proxy.caller.Gates;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.upstream.Discovery;
import io.tollgate.proxy.upstream.HealthChecks;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The forward room behind a real port, with nothing before it: every call is forwarded. */
final class ForwardBench implements AutoCloseable {
  private final Vertx vertx;
  private final UpstreamHealth health = new UpstreamHealth();
  private final AtomicInteger retried = new AtomicInteger();
  private final AtomicInteger retriesRefused = new AtomicInteger();
  private final AtomicInteger ejected = new AtomicInteger();
  private final AtomicReference<@Nullable HttpServer> server = new AtomicReference<>();
  private final AtomicReference<@Nullable Forwarder> forwarder = new AtomicReference<>();
  private final List<String> ends = new CopyOnWriteArrayList<>();
  private final List<Defended> defended = new CopyOnWriteArrayList<>();
  private final List<Forwarding> calls = new CopyOnWriteArrayList<>();
  private final HealthChecks checks;
  private final Discovery discovery;
  private final ForwardMetrics metrics = new Counting();

  ForwardBench(int originPort, String more) throws Exception {
    this(originPort, more, "");
  }

  /** One with more keys of the listener, in flow style. */
  ForwardBench(int originPort, String more, String listener) throws Exception {
    this(null, "addresses: [\"127.0.0.1:" + originPort + "\"]" + more, listener);
  }

  /**
   * One whose upstream is said whole, in flow style.
   *
   * @param own a Vert.x of its own, whose callers pass no gate; null for one behind gates
   */
  ForwardBench(@Nullable Vertx own, String upstream, String listener) throws Exception {
    String text =
        "listener: {"
            + listener
            + "}\n"
            + "control-plane: {url: \"http://127.0.0.1:1\", token: {env: T}}\n"
            + "upstreams: {api: {"
            + upstream
            + "}}\n";
    ProxySettings settings = ProxyFile.parse("test.yaml", text, Map.of("T", "t"));
    this.vertx = own == null ? gated(new Gates(settings.listener(), metrics)) : own;
    this.discovery = new Discovery(vertx, settings.upstreams().values(), health);
    this.checks = new HealthChecks(vertx, settings.upstreams().values(), health);
    vertx
        .deployVerticle(new Loop(settings))
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private static Vertx gated(Gates gates) {
    Transport nio = Transport.NIO;
    return Vertx.builder()
        .withTransport(
            new TransportInternal(nio.name(), true, null, gates.before(nio.implementation())))
        .build();
  }

  int port() {
    HttpServer listening = server.get();
    return listening == null ? 0 : listening.actualPort();
  }

  /** How calls ended, in order. */
  List<String> ends() {
    return ends;
  }

  /** The calls that were forwarded, in order. */
  List<Forwarding> calls() {
    return calls;
  }

  /** What callers were stopped for, in order. */
  List<Defended> defended() {
    return defended;
  }

  /** Calls sent once more. */
  int retried() {
    return retried.get();
  }

  /** Calls not sent once more for want of budget. */
  int retriesRefused() {
    return retriesRefused.get();
  }

  /** Addresses ejected. */
  int ejected() {
    return ejected.get();
  }

  int inFlight() {
    Forwarder loop = forwarder.get();
    return loop == null ? 0 : loop.inFlight();
  }

  @Override
  public void close() {
    discovery.close();
    checks.close();
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private final class Loop extends AbstractVerticle {
    private final ProxySettings settings;
    private final RequestCheck check = new RequestCheck(128);

    Loop(ProxySettings settings) {
      this.settings = settings;
    }

    @Override
    public void start(Promise<Void> started) {
      HttpServerOptions options =
          Gates.mark(new HttpServerOptions())
              .setPort(0)
              .setHost("127.0.0.1")
              .setStrictThreadMode(true)
              .setHttp2ClearTextEnabled(true);
      Callers callers = new Callers(settings.listener(), options, metrics);
      Forwarder loop =
          new Forwarder(
              vertx,
              settings.upstreams(),
              health,
              callers,
              settings.listener().defence(),
              "",
              metrics);
      forwarder.set(loop);
      Route route = settings.routes().all().get(0);
      HttpServer listening = vertx.createHttpServer(options);
      callers.plainTo(request -> forward(callers, loop, route, request));
      server.set(listening);
      listening
          .connectionHandler(callers::connected)
          .requestHandler(request -> forward(callers, loop, route, request))
          .invalidRequestHandler(request -> forward(callers, loop, route, request))
          .listen()
          .<Void>mapEmpty()
          .onComplete(started);
    }

    private void forward(Callers callers, Forwarder loop, Route route, HttpServerRequest request) {
      if (!callers.enter(request)) {
        return;
      }
      Problem problem = check.check(request);
      if (problem == null) {
        Forwarding call = loop.prepare(request, route, new Noting());
        calls.add(call);
        call.start();
      } else {
        loop.refuse(request, problem);
      }
    }
  }

  private final class Noting implements ForwardListener {
    @Override
    public void onAnswer(int status, MultiMap fields) {}

    @Override
    public void onNoAnswer(UpstreamFailure failure, MultiMap fields) {}

    @Override
    public void onOver(End end, @Nullable UpstreamFailure failure) {
      ends.add(failure == null ? end.name() : end + " " + failure);
    }
  }

  private final class Counting implements ForwardMetrics {
    @Override
    public void defended(Defended what) {
      defended.add(what);
    }

    @Override
    public void failed(String upstream, UpstreamFailure failure) {}

    @Override
    public void retried(String upstream) {
      retried.incrementAndGet();
    }

    @Override
    public void retryRefused(String upstream) {
      retriesRefused.incrementAndGet();
    }

    @Override
    public void turnedAway() {}

    @Override
    public void ejected(String upstream) {
      ejected.incrementAndGet();
    }
  }
}
