package io.tollgate.proxy;

import java.io.IOException;
import java.util.List;

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
}
