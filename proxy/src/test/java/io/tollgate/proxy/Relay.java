package io.tollgate.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A wire that can be cut: what connects to its port is joined to another port of this machine,
 * until it is cut; then connections break and new ones break at once, until it is whole again.
 */
final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  Relay(int target) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    var unused = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void cut() {
    cut = true;
    open.forEach(Relay::close);
  }

  void mend() {
    cut = false;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        var unused = Thread.ofVirtual().start(() -> join(caller));
      } catch (IOException e) {
        // Closed, or a caller that left at once.
      }
    }
  }

  private void join(Socket caller) {
    open.add(caller);
    try (caller;
        Socket callee = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(callee);
      if (!cut) {
        caller.setTcpNoDelay(true);
        callee.setTcpNoDelay(true);
        Thread back = Thread.ofVirtual().start(() -> pass(callee, caller));
        pass(caller, callee);
        back.join();
      }
      open.remove(callee);
    } catch (IOException e) {
      // Nobody listens there: the caller sees its connection end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(caller);
    }
  }

  /** Passes bytes on until one side ends; then both do. */
  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[16_384];
      for (int n = in.read(bytes); n >= 0 && !cut; n = in.read(bytes)) {
        out.write(bytes, 0, n);
      }
    } catch (IOException e) {
      // Broken, as wires are.
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Closed it is.
    }
  }

  @Override
  public void close() throws IOException {
    cut();
    server.close();
  }
}
