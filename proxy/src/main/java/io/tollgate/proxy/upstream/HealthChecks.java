package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.config.UpstreamTls;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
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
  private final List<HttpClient> clients = new ArrayList<>();
  private final List<Long> timers = new ArrayList<>();

  /** Begins to ask. */
  public HealthChecks(Vertx vertx, Collection<UpstreamSettings> upstreams, UpstreamHealth health) {
    this.vertx = vertx;
    for (UpstreamSettings upstream : upstreams) {
      if (!upstream.health().path().isEmpty()) {
        HttpClient client = vertx.createHttpClient(options(upstream));
        clients.add(client);
        long interval = upstream.health().interval().toMillis();
        timers.add(vertx.setPeriodic(1, interval, tick -> ask(client, upstream, health)));
      }
    }
  }

  private static HttpClientOptions options(UpstreamSettings upstream) {
    HttpClientOptions options = new HttpClientOptions().setKeepAlive(false);
    if (upstream.protocol() == UpstreamSettings.Protocol.HTTP2) {
      options.setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false);
    }
    UpstreamTls tls = upstream.tls();
    if (tls == null) {
      return options;
    }
    options
        .setSsl(true)
        .setUseAlpn(true)
        .setForceSni(true)
        .setVerifyHost(tls.verify())
        .setTrustAll(!tls.verify());
    if (tls.authority() != null) {
      options.setTrustOptions(new PemTrustOptions().addCertPath(tls.authority().toString()));
    }
    if (tls.certificate() != null && tls.key() != null) {
      options.setKeyCertOptions(
          new PemKeyCertOptions()
              .setCertPath(tls.certificate().toString())
              .setKeyPath(tls.key().toString()));
    }
    return options;
  }

  private static String host(UpstreamSettings upstream, Endpoint endpoint) {
    UpstreamTls tls = upstream.tls();
    return tls == null || tls.serverName().isEmpty() ? endpoint.host() : tls.serverName();
  }

  private void ask(HttpClient client, UpstreamSettings upstream, UpstreamHealth health) {
    for (KnownAddress address : health.of(upstream).present()) {
      Endpoint endpoint = address.endpoint();
      RequestOptions options =
          new RequestOptions()
              .setMethod(HttpMethod.GET)
              .setHost(host(upstream, endpoint))
              .setPort(endpoint.port())
              .setServer(SocketAddress.inetSocketAddress(endpoint.port(), address.ip()))
              .setURI(upstream.health().path());
      client
          .request(options)
          .compose(request -> request.send())
          .map(HttpClientResponse::statusCode)
          .timeout(upstream.health().interval().toMillis(), TimeUnit.MILLISECONDS)
          .onComplete(
              status -> tell(upstream, address, status >= 200 && status < 400),
              failure -> tell(upstream, address, false));
    }
  }

  private static void tell(UpstreamSettings upstream, KnownAddress address, boolean healthy) {
    if (address.health().checked(healthy)) {
      LOG.info(
          "{} of upstream {} is {}",
          address,
          upstream.name(),
          healthy ? "well again" : "not well: it gets no calls while another one is");
    }
  }

  @Override
  public void close() {
    timers.forEach(vertx::cancelTimer);
    for (HttpClient client : clients) {
      var unused = client.close();
    }
  }
}
