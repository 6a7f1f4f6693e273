package io.tollgate.proxy.forward;

import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.UpstreamSettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks upstreams that name a path for it whether they are well. Thread-safe. */
public final class HealthChecks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);

  private final Vertx vertx;
  private final HttpClient client;
  private final List<Long> timers = new ArrayList<>();

  /** Begins to ask. */
  public HealthChecks(Vertx vertx, Collection<UpstreamSettings> upstreams, UpstreamHealth health) {
    this.vertx = vertx;
    this.client = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
    for (UpstreamSettings upstream : upstreams) {
      if (!upstream.health().path().isEmpty()) {
        long interval = upstream.health().interval().toMillis();
        timers.add(vertx.setPeriodic(1, interval, tick -> ask(upstream, health)));
      }
    }
  }

  private void ask(UpstreamSettings upstream, UpstreamHealth health) {
    List<AddressHealth> addresses = health.of(upstream);
    for (int i = 0; i < addresses.size(); i++) {
      AddressHealth address = addresses.get(i);
      Endpoint endpoint = upstream.endpoints().get(i);
      RequestOptions options =
          new RequestOptions()
              .setMethod(HttpMethod.GET)
              .setHost(endpoint.host())
              .setPort(endpoint.port())
              .setSsl(upstream.tls())
              .setURI(upstream.health().path());
      client
          .request(options)
          .compose(request -> request.send())
          .map(HttpClientResponse::statusCode)
          .timeout(upstream.health().interval().toMillis(), TimeUnit.MILLISECONDS)
          .onComplete(
              status -> tell(upstream, endpoint, address, status >= 200 && status < 400),
              failure -> tell(upstream, endpoint, address, false));
    }
  }

  private static void tell(
      UpstreamSettings upstream, Endpoint endpoint, AddressHealth address, boolean healthy) {
    if (address.checked(healthy)) {
      LOG.info(
          "{} of upstream {} is {}",
          endpoint,
          upstream.name(),
          healthy ? "well again" : "not well: it gets no calls while another one is");
    }
  }

  @Override
  public void close() {
    timers.forEach(vertx::cancelTimer);
    var unused = client.close();
  }
}
