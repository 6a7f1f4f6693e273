package io.tollgate.proxy;

import io.tollgate.proxy.config.FreePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Proxies on the loopback that know each other by relays of this process: for where the kernel or
 * one's rights allow no namespaces. A cut breaks connections, and new ones break at once.
 */
final class Relays implements Wires {
  private static final String HOST = "127.0.0.1";

  private final List<Seat> seats = new ArrayList<>();
  private final List<Relay> relays = new ArrayList<>();

  Relays(int nodes) throws IOException {
    for (int i = 0; i < nodes; i++) {
      int port = FreePorts.one();
      Relay relay = new Relay(port);
      relays.add(relay);
      // Bound to any address, so that it may be known by another one than its own.
      List<String> knownBy =
          List.of(
              "-Dhazelcast.local.localAddress=" + HOST,
              "-Dhazelcast.local.publicAddress=" + HOST + ":" + relay.port());
      seats.add(
          new Seat(List.of(), knownBy, HOST, FreePorts.one(), FreePorts.one(), "0.0.0.0", port));
    }
  }

  @Override
  public String hub() {
    return HOST;
  }

  @Override
  public Seat seat(int node) {
    return seats.get(node);
  }

  @Override
  public List<String> members() {
    return relays.stream().map(relay -> HOST + ":" + relay.port()).toList();
  }

  @Override
  public void cut() {
    relays.forEach(Relay::cut);
  }

  @Override
  public void mend() {
    relays.forEach(Relay::mend);
  }

  @Override
  public void close() throws IOException {
    for (Relay relay : relays) {
      relay.close();
    }
  }
}
