package io.tollgate.proxy.entitlement;

import io.tollgate.proxy.config.ControlPlaneSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one way from this proxy to the control plane: authenticated, with timeouts that end.
 * Thread-safe.
 */
public final class ControlPlane {
  private static final int CONNECTIONS = 8;

  private final Vertx vertx;
  private final HttpClient client;
  private final ControlPlaneSettings settings;
  private final int port;
  private final boolean tls;

  /**
   * An answer, whatever its status.
   *
   * @param status the HTTP status
   * @param body the whole body, empty if there was none
   */
  public record Answer(int status, Buffer body) {}

  /** A client; connects when first asked. */
  public ControlPlane(Vertx vertx, ControlPlaneSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
    URI url = settings.url();
    this.tls = "https".equals(url.getScheme());
    this.port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(tls)
                .setConnectTimeout((int) settings.timeout().toMillis())
                .setKeepAliveTimeout(30)
                .setTcpKeepAlive(true),
            // One connection is the change stream's for as long as it lives.
            new PoolOptions().setHttp1MaxSize(CONNECTIONS + 1).setMaxWaitQueueSize(256));
  }

  /** GET, with the request timeout. Fails where no whole answer came. */
  public Future<Answer> get(String path) {
    return exchange(HttpMethod.GET, path, null);
  }

  /** POST of JSON, with the request timeout. Fails where no whole answer came. */
  public Future<Answer> post(String path, Buffer json) {
    return exchange(HttpMethod.POST, path, json);
  }

  /** Opens a stream of server-sent events, paused: its head is there, its body waits. */
  Future<HttpClientResponse> stream(String path) {
    return request(HttpMethod.GET, path)
        .compose(
            request -> {
              request.putHeader(HttpHeaders.ACCEPT, "text/event-stream");
              request.response().onSuccess(HttpClientResponse::pause);
              return request.send();
            })
        .timeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** On a context of Vert.x from end to end: a body asked for elsewhere may have passed unheard. */
  private Future<Answer> exchange(HttpMethod method, String path, @Nullable Buffer json) {
    Promise<Answer> whole = Promise.promise();
    vertx.runOnContext(nothing -> onContext(method, path, json).onComplete(whole));
    return whole.future();
  }

  private Future<Answer> onContext(HttpMethod method, String path, @Nullable Buffer json) {
    long timeout = settings.timeout().toMillis();
    return request(method, path)
        .compose(
            request -> {
              request.putHeader(HttpHeaders.ACCEPT, "application/json");
              if (json == null) {
                return request.send();
              }
              request.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
              return request.send(json);
            })
        .compose(answer -> answer.body().map(body -> new Answer(answer.statusCode(), body)))
        .timeout(timeout, TimeUnit.MILLISECONDS);
  }

  private Future<HttpClientRequest> request(HttpMethod method, String path) {
    // Composed, because a closed client throws where an open one fails.
    return Future.succeededFuture(options(method, path)).compose(client::request);
  }

  private RequestOptions options(HttpMethod method, String path) {
    return new RequestOptions()
        .setMethod(method)
        .setHost(settings.url().getHost())
        .setPort(port)
        .setSsl(tls)
        .setURI(path)
        .putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + settings.token().reveal());
  }

  /** Closes every connection. */
  public Future<Void> close() {
    return client.close();
  }
}
