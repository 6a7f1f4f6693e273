package io.tollgate.proxy.config;

import java.util.Objects;

/**
 * Where a port is opened or an address is reached.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65535; 0 opens any free port and is refused where an address is reached
 */
public record Endpoint(String host, int port) {
  public Endpoint {
    Objects.requireNonNull(host, "host");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: 0 to 65535, not " + port);
    }
  }

  /** The same host with another port. */
  public Endpoint withPort(int other) {
    return new Endpoint(host, other);
  }

  /** Whether one program cannot open both: the same port, and an address in common. */
  public boolean overlaps(Endpoint other) {
    return port != 0
        && port == other.port
        && (host.equals(other.host)
            || isAnyAddress()
            || other.isAnyAddress()
            || (isLoopback() && other.isLoopback() && (isNamed() || other.isNamed())));
  }

  /** Whether it is this machine, by the usual name or address of it. */
  public boolean isLoopback() {
    return isNamed() || host.equals("127.0.0.1") || host.equals("::1");
  }

  private boolean isNamed() {
    return host.equals("localhost");
  }

  private boolean isAnyAddress() {
    return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
