package io.tollgate.proxy.caller;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tollgate.proxy.config.Listener;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may connect, the moment a connection is accepted: before TLS, before a byte is read,
 * which Vert.x's server has no place for. Counts all event loops together. Thread-safe.
 */
public final class Gates {
  /** Tells the traffic's listener from the others: it alone reads no forms. */
  private static final int NO_FORMS = 0;

  private final Listener listener;
  private final CallerMetrics metrics;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<InetAddress, Integer> clients = new ConcurrentHashMap<>();

  /** Gates for one listener. */
  public Gates(Listener listener, CallerMetrics metrics) {
    this.listener = listener;
    this.metrics = metrics;
  }

  /** Marks the options of the listener that the gates are for. */
  public static HttpServerOptions mark(HttpServerOptions options) {
    return options.setMaxFormFields(NO_FORMS);
  }

  /** The transport, with these gates before the marked listener. */
  public io.vertx.core.spi.transport.Transport before(
      io.vertx.core.spi.transport.Transport transport) {
    return new GatedTransport(transport, this::guard);
  }

  /** Open connections. */
  public int connections() {
    return open.get();
  }

  private void guard(NetServerOptions options, ServerBootstrap bootstrap) {
    if (options instanceof HttpServerOptions http && http.getMaxFormFields() == NO_FORMS) {
      bootstrap.handler(new Doorkeeper(http));
    }
  }

  private boolean admit(Channel connection) {
    InetAddress client = client(connection);
    if (open.incrementAndGet() > listener.defence().connections()) {
      open.decrementAndGet();
      metrics.defended(Defended.CONNECTIONS);
      return false;
    }
    if (client != null
        && clients.merge(client, 1, Integer::sum) > listener.defence().connectionsPerClient()) {
      forget(client);
      open.decrementAndGet();
      metrics.defended(Defended.CONNECTIONS_PER_CLIENT);
      return false;
    }
    connection
        .closeFuture()
        .addListener(
            closed -> {
              open.decrementAndGet();
              forget(client);
            });
    return true;
  }

  private void forget(@Nullable InetAddress client) {
    if (client != null) {
      clients.computeIfPresent(client, (address, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Behind the PROXY protocol every connection is the balancer's; its callers are told later. */
  private @Nullable InetAddress client(Channel connection) {
    SocketAddress peer = listener.proxyProtocol() ? null : connection.remoteAddress();
    return peer instanceof InetSocketAddress inet ? inet.getAddress() : null;
  }

  /** On the listening channel, where what is read are connections. */
  @ChannelHandler.Sharable
  private final class Doorkeeper extends ChannelInboundHandlerAdapter {
    private final HttpServerOptions options;

    Doorkeeper(HttpServerOptions options) {
      this.options = options;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
      Channel connection = (Channel) accepted;
      if (admit(connection)) {
        connection
            .pipeline()
            .addFirst(
                new Gate(
                    listener.defence(),
                    metrics,
                    options,
                    listener.http2() && listener.tls() == null));
        ctx.fireChannelRead(accepted);
      } else {
        metrics.turnedAway();
        connection.unsafe().closeForcibly();
      }
    }
  }
}
