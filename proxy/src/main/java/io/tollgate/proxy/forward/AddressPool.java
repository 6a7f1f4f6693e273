package io.tollgate.proxy.forward;

import io.netty.channel.ConnectTimeoutException;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.Timeouts;
import io.tollgate.proxy.config.UpstreamSettings;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * One event loop's connections to one address of an upstream. The connection used last is used
 * next, so that those not needed can rest and close.
 */
final class AddressPool {
  private final NetClient client;
  private final UpstreamSettings settings;
  private final Endpoint endpoint;
  private final AddressHealth health;
  private final ArrayDeque<UpstreamConnection> resting = new ArrayDeque<>();
  private final List<UpstreamConnection> all = new ArrayList<>();
  private final ArrayDeque<UpstreamEvents> waiting = new ArrayDeque<>();
  private final long keepAliveNanos;
  private int opening;

  AddressPool(
      NetClient client, UpstreamSettings settings, Endpoint endpoint, AddressHealth health) {
    this.client = client;
    this.settings = settings;
    this.endpoint = endpoint;
    this.health = health;
    this.keepAliveNanos = settings.keepAlive().toNanos();
  }

  Timeouts timeouts() {
    return settings.timeouts();
  }

  AddressHealth health() {
    return health;
  }

  /** Calls under way or waiting here. */
  int load() {
    return all.size() - resting.size() + waiting.size();
  }

  /** Gives the call a connection: at once where one rests, else when one is open or free. */
  void acquire(UpstreamEvents call) {
    UpstreamConnection connection = resting.pollLast();
    while (connection != null && !connection.isOpen()) {
      connection = resting.pollLast();
    }
    if (connection != null) {
      connection.begin(call);
      return;
    }
    boolean mayOpen = all.size() + opening < settings.connections();
    if (!mayOpen && waiting.size() >= settings.pending()) {
      call.onFailure(UpstreamFailure.NO_CONNECTION, false);
      return;
    }
    waiting.addLast(call);
    if (mayOpen) {
      open();
    }
  }

  /** Takes a call that waits for a connection out of the queue. */
  void forget(UpstreamEvents call) {
    waiting.remove(call);
  }

  /** A connection whose exchange is over. */
  void release(UpstreamConnection connection) {
    UpstreamEvents next = waiting.pollFirst();
    connection.rest(System.nanoTime(), keepAliveNanos);
    if (next != null) {
      connection.begin(next);
    } else {
      resting.addLast(connection);
    }
  }

  /** A connection that closed or left HTTP. */
  void remove(UpstreamConnection connection) {
    all.remove(connection);
    resting.remove(connection);
  }

  /** Ends waits that are over. */
  void sweep(long now) {
    for (int i = all.size() - 1; i >= 0; i--) {
      if (i < all.size()) {
        all.get(i).checkDeadline(now);
      }
    }
  }

  boolean isEmpty() {
    return all.isEmpty() && opening == 0;
  }

  /** Closes what rests. */
  void closeResting() {
    for (UpstreamConnection connection : List.copyOf(resting)) {
      connection.close();
    }
  }

  private void open() {
    opening++;
    ConnectOptions options =
        new ConnectOptions()
            .setHost(endpoint.host())
            .setPort(endpoint.port())
            .setSsl(settings.tls())
            .setTimeout((int) settings.timeouts().connect().toMillis());
    client.connect(options).onComplete(this::opened, this::refused);
  }

  private void opened(NetSocket socket) {
    opening--;
    UpstreamConnection connection = new UpstreamConnection(this);
    connection.install(((NetSocketInternal) socket).channelHandlerContext().pipeline());
    all.add(connection);
    UpstreamEvents next = waiting.pollFirst();
    if (next != null) {
      connection.begin(next);
    } else {
      connection.rest(System.nanoTime(), keepAliveNanos);
      resting.addLast(connection);
    }
  }

  private void refused(Throwable cause) {
    opening--;
    UpstreamEvents next = waiting.pollFirst();
    if (next != null) {
      next.onFailure(failure(cause), false);
    }
  }

  private static UpstreamFailure failure(Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return UpstreamFailure.CONNECT_TIMEOUT;
    }
    return cause instanceof UnknownHostException ? UpstreamFailure.NAME : UpstreamFailure.CONNECT;
  }
}
