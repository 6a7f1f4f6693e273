package io.tollgate.proxy.upstream;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.upstream.Connector.Offer;
import io.vertx.core.internal.net.NetSocketInternal;
import java.net.UnknownHostException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One event loop's connections to one address of an upstream, of either HTTP. */
public final class AddressPool {
  private final Connector connector;
  private final UpstreamSettings settings;
  private final KnownAddress known;
  private final String address;
  private final Http1Pool http1;
  private final Http2Pool http2;
  private final WaitingLine undecided = new WaitingLine();
  private Offer spoken;

  AddressPool(Connector connector, UpstreamSettings settings, KnownAddress known) {
    this.connector = connector;
    this.settings = settings;
    this.known = known;
    this.address = known.endpoint().toString();
    this.http1 = new Http1Pool(settings, this);
    this.http2 = new Http2Pool(settings, this);
    this.spoken = Offer.EITHER;
  }

  /** The address as configured, {@code host:port}. */
  public String address() {
    return address;
  }

  KnownAddress known() {
    return known;
  }

  AddressHealth health() {
    return known.health();
  }

  /** Calls under way or waiting here. */
  int load() {
    return http1.load() + http2.load() + undecided.size();
  }

  /**
   * Gives the call a stream, now or later.
   *
   * @param grpc whether the call is gRPC, which needs HTTP/2
   * @param upgrade whether it may leave HTTP, which needs HTTP/1.1
   * @param fresh whether it met a connection that was stale, so that no other that rested will do
   */
  public void acquire(UpstreamEvents call, boolean grpc, boolean upgrade, boolean fresh) {
    Offer wanted = wanted(grpc, upgrade);
    switch (wanted == Offer.EITHER ? spoken : wanted) {
      case HTTP1 -> http1.acquire(call, fresh);
      case HTTP2 -> http2.acquire(call);
      case EITHER -> ask(call, fresh);
    }
  }

  /** The HTTP a call needs; either leaves it to the address. */
  private Offer wanted(boolean grpc, boolean upgrade) {
    return switch (settings.protocol()) {
      case HTTP1 -> Offer.HTTP1;
      case HTTP2 -> Offer.HTTP2;
      case AUTO -> {
        if (upgrade) {
          yield Offer.HTTP1;
        }
        if (settings.tls() != null) {
          yield Offer.EITHER;
        }
        yield grpc ? Offer.HTTP2 : Offer.HTTP1;
      }
    };
  }

  /** The address answered: failures in a row are over. */
  public void answered() {
    health().succeeded();
  }

  /**
   * The address failed a call.
   *
   * @return whether it is ejected for that
   */
  public boolean failed() {
    return health().failed(System.nanoTime());
  }

  /** Takes a call that waits for a connection out of the queue. */
  public void forget(UpstreamEvents call) {
    http1.forget(call);
    http2.forget(call);
    undecided.forget(call);
  }

  /** Ends waits that are over. */
  void sweep(long now) {
    http1.sweep(now);
    http2.sweep(now);
  }

  boolean isEmpty() {
    return http1.isEmpty() && http2.isEmpty() && undecided.isEmpty();
  }

  /** Closes what rests. */
  void closeResting() {
    http1.closeResting();
    http2.closeResting();
  }

  void open(Offer offer, Consumer<NetSocketInternal> opened, Consumer<UpstreamFailure> not) {
    connector.open(
        known,
        offer,
        opened,
        cause -> {
          spoken = Offer.EITHER; // it may have become another server
          not.accept(failure(cause));
        });
  }

  /** The first connection tells which HTTP the address chooses; until then calls wait for it. */
  private void ask(UpstreamEvents call, boolean fresh) {
    if (undecided.size() >= settings.pending() && !undecided.isEmpty()) {
      call.onFailure(UpstreamFailure.NO_CONNECTION, false);
      return;
    }
    undecided.add(call, fresh);
    if (undecided.size() == 1) {
      open(Offer.EITHER, this::decided, undecided::fail);
    }
  }

  private void decided(NetSocketInternal socket) {
    UpstreamEvents first = undecided.nextForFresh();
    if ("h2".equals(socket.applicationLayerProtocol())) {
      spoken = Offer.HTTP2;
      http2.adopt(socket, first);
    } else {
      spoken = Offer.HTTP1;
      http1.adopt(socket, first);
    }
    passOn();
  }

  private void passOn() {
    while (!undecided.isEmpty()) {
      boolean fresh = undecided.needFresh() > 0;
      UpstreamEvents next = undecided.nextForFresh();
      if (next != null && spoken == Offer.HTTP2) {
        http2.acquire(next);
      } else if (next != null) {
        http1.acquire(next, fresh);
      }
    }
  }

  private static UpstreamFailure failure(@Nullable Throwable cause) {
    boolean slowHandshake =
        cause != null && cause.getCause() instanceof SslHandshakeTimeoutException;
    if (slowHandshake || cause instanceof ConnectTimeoutException) {
      return UpstreamFailure.CONNECT_TIMEOUT;
    }
    return cause instanceof UnknownHostException ? UpstreamFailure.NAME : UpstreamFailure.CONNECT;
  }
}
