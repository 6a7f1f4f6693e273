package io.tollgate.proxy.upstream;

import io.netty.util.NetUtil;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.config.UpstreamTls;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Opens connections to an upstream's addresses for one event loop. With TLS each offer of protocols
 * has a client of its own, since Vert.x remembers a client's TLS context by its certificates alone,
 * whatever else was asked for.
 */
final class Connector {
  /** What is offered by ALPN. */
  enum Offer {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2. */
    HTTP2,
    /** Either; the upstream chooses. */
    EITHER
  }

  private final Vertx vertx;
  private final NetClient clear;
  private final UpstreamSettings settings;
  private final Map<Offer, NetClient> secured = new EnumMap<>(Offer.class);

  Connector(Vertx vertx, NetClient clear, UpstreamSettings settings) {
    this.vertx = vertx;
    this.clear = clear;
    this.settings = settings;
  }

  static NetClientOptions options() {
    return new NetClientOptions().setTcpNoDelay(true).setTcpKeepAlive(true);
  }

  /** Opens one; exactly one of the two is told, later, on the calling event loop. */
  void open(
      KnownAddress address,
      Offer offer,
      Consumer<NetSocketInternal> opened,
      Consumer<Throwable> not) {
    Endpoint endpoint = address.endpoint();
    ConnectOptions options =
        new ConnectOptions()
            .setHost(address.ip())
            .setPort(endpoint.port())
            .setTimeout((int) settings.timeouts().connect().toMillis());
    UpstreamTls tls = settings.tls();
    NetClient client = clear;
    if (tls != null) {
      client = secured.computeIfAbsent(offer, none -> vertx.createNetClient(options()));
      secure(options, address, tls, offer);
    }
    client
        .connect(options)
        .onComplete(socket -> opened.accept((NetSocketInternal) socket), not::accept);
  }

  private void secure(ConnectOptions options, KnownAddress address, UpstreamTls tls, Offer offer) {
    Endpoint endpoint = address.endpoint();
    ClientSSLOptions ssl =
        new ClientSSLOptions()
            .setUseAlpn(true)
            .setApplicationLayerProtocols(names(offer))
            .setTrustAll(!tls.verify())
            .setHostnameVerificationAlgorithm(tls.verify() ? "HTTPS" : "");
    ssl.setSslHandshakeTimeout(settings.timeouts().connect().toMillis());
    ssl.setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    if (tls.authority() != null) {
      ssl.setTrustOptions(new PemTrustOptions().addCertPath(tls.authority().toString()));
    }
    if (tls.certificate() != null && tls.key() != null) {
      ssl.setKeyCertOptions(
          new PemKeyCertOptions()
              .setCertPath(tls.certificate().toString())
              .setKeyPath(tls.key().toString()));
    }
    String name = tls.serverName().isEmpty() ? endpoint.host() : tls.serverName();
    options
        .setSsl(true)
        .setSslOptions(ssl)
        .setHost(name)
        .setRemoteAddress(SocketAddress.inetSocketAddress(endpoint.port(), address.ip()));
    if (!NetUtil.isValidIpV4Address(name) && !NetUtil.isValidIpV6Address(name)) {
      options.setSniServerName(name);
    }
  }

  private static List<String> names(Offer offer) {
    return switch (offer) {
      case HTTP1 -> List.of("http/1.1");
      case HTTP2 -> List.of("h2");
      case EITHER -> List.of("h2", "http/1.1");
    };
  }

  /** Closes what is the upstream's own; the client for clear text is everybody's. */
  void close() {
    for (NetClient client : secured.values()) {
      var unused = client.close();
    }
  }
}
