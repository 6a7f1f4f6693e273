package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Timeouts;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.upstream.Connector.Offer;
import io.vertx.core.internal.net.NetSocketInternal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's HTTP/2 connections to one address. Calls share the first one that has room;
 * another is opened when none has.
 */
final class Http2Pool {
  private final UpstreamSettings settings;
  private final AddressPool address;
  private final List<Http2UpstreamConnection> all = new ArrayList<>(1);
  private final WaitingLine waiting = new WaitingLine();
  private int opening;

  Http2Pool(UpstreamSettings settings, AddressPool address) {
    this.settings = settings;
    this.address = address;
  }

  Timeouts timeouts() {
    return settings.timeouts();
  }

  boolean isSecured() {
    return settings.tls() != null;
  }

  /** Calls under way or waiting here. */
  int load() {
    int load = waiting.size();
    for (int i = 0; i < all.size(); i++) {
      load += all.get(i).load();
    }
    return load;
  }

  /** Gives the call a stream: at once where a connection has room, else when one has. */
  void acquire(UpstreamEvents call) {
    Http2UpstreamConnection connection = withRoom();
    if (connection != null) {
      connection.begin(call);
      return;
    }
    if (waiting.size() >= Math.max(1, settings.pending())) {
      call.onFailure(UpstreamFailure.NO_CONNECTION, false);
      return;
    }
    waiting.add(call, false);
    openForWaiting();
  }

  /** Takes a call that waits for a stream out of the queue. */
  void forget(UpstreamEvents call) {
    waiting.forget(call);
  }

  /** Takes a connection that was opened for the call. */
  void adopt(NetSocketInternal socket, @Nullable UpstreamEvents call) {
    if (call != null) {
      waiting.add(call, false);
    }
    opening++;
    opened(socket);
  }

  /** A connection has its settings, or room again. */
  void roomOn(Http2UpstreamConnection connection) {
    while (!waiting.isEmpty() && connection.hasRoom()) {
      UpstreamEvents next = waiting.nextForUsed();
      if (next != null) {
        connection.begin(next);
      }
    }
    openForWaiting();
  }

  /** A connection that opened now speaks. */
  void spoke(Http2UpstreamConnection connection) {
    opening--;
    roomOn(connection);
  }

  /** A connection closed; one that never spoke fails those who waited for it. */
  void remove(Http2UpstreamConnection connection, boolean spoke) {
    if (!all.remove(connection)) {
      return;
    }
    if (spoke) {
      openForWaiting();
    } else {
      opening--;
      waiting.fail(UpstreamFailure.MALFORMED);
    }
  }

  /** Ends waits that are over. */
  void sweep(long now) {
    if (opening == 0) { // else whoever waits is told when it has opened, or has not
      waiting.sweep(now, 0);
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      if (i < all.size()) {
        all.get(i).checkDeadlines(now);
      }
    }
  }

  boolean isEmpty() {
    return all.isEmpty() && opening == 0;
  }

  /** Lets connections end with their last call; one that has yet to speak serves those who wait. */
  void closeResting() {
    for (Http2UpstreamConnection connection : List.copyOf(all)) {
      if (connection.hasSpoken()) {
        connection.retire();
      }
    }
  }

  private @Nullable Http2UpstreamConnection withRoom() {
    for (int i = 0; i < all.size(); i++) {
      Http2UpstreamConnection connection = all.get(i);
      if (connection.hasRoom()) {
        return connection;
      }
    }
    return null;
  }

  /**
   * One after the other, while there may be more: nobody else may ever ask for them. Connections
   * that only end what they began with do not count, since that may take hours.
   */
  void openForWaiting() {
    if (!waiting.isEmpty() && opening == 0 && takingCalls() < settings.connections()) {
      opening++;
      address.open(
          Offer.HTTP2,
          this::opened,
          failure -> {
            opening--;
            waiting.fail(failure);
          });
    }
  }

  private int takingCalls() {
    int taking = 0;
    for (int i = 0; i < all.size(); i++) {
      taking += all.get(i).isRetired() ? 0 : 1;
    }
    return taking;
  }

  private void opened(NetSocketInternal socket) {
    if (isSecured() && !"h2".equals(socket.applicationLayerProtocol())) {
      opening--;
      var unused = socket.close();
      waiting.fail(UpstreamFailure.CONNECT);
      return;
    }
    Http2UpstreamConnection connection = new Http2UpstreamConnection(this, settings.keepAlive());
    all.add(connection);
    connection.install(socket.channelHandlerContext().pipeline());
  }
}
