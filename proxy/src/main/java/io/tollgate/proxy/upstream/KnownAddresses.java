package io.tollgate.proxy.upstream;

import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.UpstreamSettings;
import java.util.ArrayList;
import java.util.List;

/** The addresses of one upstream: those its endpoints' names stand for. Thread-safe. */
final class KnownAddresses {
  private final UpstreamSettings settings;
  private volatile List<KnownAddress> present;

  /** Nothing is known of the names yet: connections ask for themselves. */
  KnownAddresses(UpstreamSettings settings) {
    this.settings = settings;
    this.present =
        settings.endpoints().stream().map(endpoint -> fresh(endpoint, endpoint.host())).toList();
  }

  private KnownAddress fresh(Endpoint endpoint, String ip) {
    return new KnownAddress(endpoint, ip, new AddressHealth(settings.health()));
  }

  /** At least one, in the order of the endpoints; the same list until there is news. */
  List<KnownAddress> present() {
    return present;
  }

  /**
   * An endpoint's name stands for these addresses. What is known of those that stay is kept.
   *
   * @param ips at least one, in an order that does not depend on the answer's
   * @return whether that is news
   */
  synchronized boolean learned(Endpoint endpoint, List<String> ips) {
    List<KnownAddress> next = new ArrayList<>();
    for (Endpoint of : settings.endpoints()) {
      if (of.equals(endpoint)) {
        ips.forEach(ip -> next.add(known(endpoint, ip)));
      } else {
        present.stream().filter(known -> known.endpoint().equals(of)).forEach(next::add);
      }
    }
    if (next.equals(present)) {
      return false;
    }
    present = List.copyOf(next);
    return true;
  }

  private KnownAddress known(Endpoint endpoint, String ip) {
    return present.stream()
        .filter(known -> known.endpoint().equals(endpoint) && known.ip().equals(ip))
        .findFirst()
        .orElseGet(() -> fresh(endpoint, ip));
  }
}
