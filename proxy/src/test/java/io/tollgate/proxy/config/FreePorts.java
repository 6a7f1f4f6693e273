package io.tollgate.proxy.config;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for what cannot say which one it was given. They are free and stay so while nobody listens:
 * kernels give greater ones to whoever connects to somebody.
 */
public final class FreePorts {
  private static final int FIRST = 12_000;
  private static final int BEHIND_LAST = 32_000;

  private FreePorts() {}

  /** One. */
  public static int one() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND_LAST);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Somebody's: another one.
      }
    }
  }
}
