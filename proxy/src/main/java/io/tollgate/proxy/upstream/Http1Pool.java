package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Timeouts;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.http.FieldNames;
import io.tollgate.proxy.http.HeadWriter;
import io.vertx.core.internal.net.NetSocketInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's HTTP/1.1 connections to one address, each for one exchange at a time. The
 * connection used last is used next, so that those not needed can rest and close.
 */
final class Http1Pool {
  private final UpstreamSettings settings;
  private final AddressPool address;
  private final ArrayDeque<UpstreamConnection> resting = new ArrayDeque<>();
  private final List<UpstreamConnection> all = new ArrayList<>();
  private final WaitingLine waiting = new WaitingLine();
  private final FieldNames names = new FieldNames();
  private final HeadWriter writer = new HeadWriter();
  private final long keepAliveNanos;
  private int opening;

  Http1Pool(UpstreamSettings settings, AddressPool address) {
    this.settings = settings;
    this.address = address;
    this.keepAliveNanos = settings.keepAlive().toNanos();
  }

  Timeouts timeouts() {
    return settings.timeouts();
  }

  FieldNames names() {
    return names;
  }

  /** For the heads of its requests. */
  HeadWriter writer() {
    return writer;
  }

  /** Calls under way or waiting here. */
  int load() {
    return all.size() - resting.size() + waiting.size();
  }

  /**
   * Gives the call a connection: at once where one rests, else when one is open or free.
   *
   * @param fresh whether only one that opens for it will do: the call met one that was stale, as
   *     others of this upstream may be
   */
  void acquire(UpstreamEvents call, boolean fresh) {
    UpstreamConnection connection = fresh ? null : rested();
    if (connection != null) {
      connection.begin(call);
      return;
    }
    if (fresh && !mayOpen() && !resting.isEmpty()) {
      resting.removeFirst().close();
    }
    if (!mayOpen() && waiting.size() >= settings.pending()) {
      call.onFailure(UpstreamFailure.NO_CONNECTION, false);
      return;
    }
    waiting.add(call, fresh);
    openForWaiting();
  }

  private @Nullable UpstreamConnection rested() {
    UpstreamConnection connection = resting.pollLast();
    while (connection != null && !connection.isOpen()) {
      connection = resting.pollLast();
    }
    return connection;
  }

  private boolean mayOpen() {
    return all.size() + opening < settings.connections();
  }

  /** One for each call that waits, while there may be more: nobody else may ever ask for them. */
  private void openForWaiting() {
    while (opening < waiting.size() && mayOpen()) {
      opening++;
      address.open(Connector.Offer.HTTP1, this::opened, this::refused);
    }
  }

  /** Takes a call that waits for a connection out of the queue. */
  void forget(UpstreamEvents call) {
    waiting.forget(call);
  }

  /** A connection whose exchange is over. It makes room where a call can use none but a new one. */
  void release(UpstreamConnection connection) {
    connection.rest(System.nanoTime(), keepAliveNanos);
    if (opening < waiting.needFresh()) {
      connection.close();
    } else {
      serve(connection, waiting.nextForUsed());
    }
  }

  private void serve(UpstreamConnection connection, @Nullable UpstreamEvents call) {
    if (call != null) {
      connection.begin(call);
    } else {
      resting.addLast(connection);
    }
  }

  /** A connection that closed or left HTTP. */
  void remove(UpstreamConnection connection) {
    all.remove(connection);
    resting.remove(connection);
    openForWaiting();
  }

  /** Ends waits that are over. */
  void sweep(long now) {
    waiting.sweep(now, opening);
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

  /** Takes a connection that was opened for the call; null puts it to rest. */
  void adopt(NetSocketInternal socket, @Nullable UpstreamEvents call) {
    UpstreamConnection connection = new UpstreamConnection(this);
    connection.install(socket.channelHandlerContext().pipeline());
    all.add(connection);
    if (call == null) {
      connection.rest(System.nanoTime(), keepAliveNanos);
    }
    serve(connection, call);
  }

  private void opened(NetSocketInternal socket) {
    opening--;
    adopt(socket, waiting.nextForFresh());
  }

  private void refused(UpstreamFailure failure) {
    opening--;
    UpstreamEvents next = waiting.nextForFresh();
    if (next != null) {
      next.onFailure(failure, false);
    }
    openForWaiting();
  }
}
