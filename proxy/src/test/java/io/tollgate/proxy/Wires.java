package io.tollgate.proxy;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The wires between the proxies of a cluster, which can be cut. */
interface Wires extends AutoCloseable {
  /** This process's address, as proxies see it; never cut off. */
  String hub();

  Seat seat(int node);

  /** The addresses by which the proxies know each other, {@code host:port}. */
  List<String> members();

  /** Cuts every proxy off from every other one. */
  void cut() throws Exception;

  /** All wires are whole again. */
  void mend() throws Exception;

  @Override
  void close() throws IOException;

  /**
   * A port that is free and stays so while a proxy is down: kernels give greater ones to whoever
   * connects to somebody.
   */
  static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(12_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Somebody's: another one.
      }
    }
  }
}
