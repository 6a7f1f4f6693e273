package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Endpoint;

/**
 * One address calls go to.
 *
 * @param endpoint as configured
 * @param ip what its name stands for; the name itself until that is known
 * @param health what all event loops learn about it
 */
record KnownAddress(Endpoint endpoint, String ip, AddressHealth health) {
  /** As {@code host:port}, with the number behind it where the host is a name. */
  @Override
  public String toString() {
    return ip.equals(endpoint.host()) ? endpoint.toString() : endpoint + " (" + ip + ")";
  }
}
