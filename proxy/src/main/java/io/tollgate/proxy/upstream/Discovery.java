package io.tollgate.proxy.upstream;

import io.netty.util.NetUtil;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.UpstreamSettings;
import io.vertx.core.Vertx;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks time and again what the names of upstreams stand for, as long as their records say that they
 * hold, but {@value #LONGEST_SECONDS} s at most. Where nobody knows a name any more, the addresses
 * known last stay. Thread-safe.
 */
public final class Discovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  /** Vert.x's resolver answers from its cache while a record holds. */
  private static final long EVERY_MILLIS = 1_000;

  private static final int LONGEST_SECONDS = 30;

  private final Vertx vertx;
  private final long timer;

  /** Those whose answer has not come yet. */
  private final Set<Question> asked = ConcurrentHashMap.newKeySet();

  /** What one upstream's endpoint stands for; another upstream may have the same endpoint. */
  private record Question(String upstream, Endpoint endpoint) {}

  /** Begins to ask. */
  public Discovery(Vertx vertx, Collection<UpstreamSettings> upstreams, UpstreamHealth health) {
    this.vertx = vertx;
    List<UpstreamSettings> all = List.copyOf(upstreams);
    this.timer =
        vertx.setPeriodic(
            1, EVERY_MILLIS, tick -> all.forEach(upstream -> ask(upstream, health.of(upstream))));
  }

  /** How Vert.x keeps what names stand for. */
  public static AddressResolverOptions caching(AddressResolverOptions options) {
    return options.setCacheMaxTimeToLive(LONGEST_SECONDS);
  }

  private void ask(UpstreamSettings upstream, KnownAddresses known) {
    for (Endpoint endpoint : upstream.endpoints()) {
      Question question = new Question(upstream.name(), endpoint);
      if (isName(endpoint.host()) && asked.add(question)) {
        ((VertxInternal) vertx)
            .nameResolver()
            .resolveAll(
                endpoint.host(),
                answer -> {
                  asked.remove(question);
                  if (answer.succeeded() && !answer.result().isEmpty()) {
                    tell(upstream, endpoint, known, answer.result());
                  }
                });
      }
    }
  }

  private static boolean isName(String host) {
    return !NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host);
  }

  private static void tell(
      UpstreamSettings upstream,
      Endpoint endpoint,
      KnownAddresses known,
      List<InetSocketAddress> answer) {
    List<InetAddress> all = answer.stream().map(InetSocketAddress::getAddress).toList();
    // Who listens by a name with addresses of both families often listens on the older one alone.
    boolean hasVersion4 = all.stream().anyMatch(Inet4Address.class::isInstance);
    List<String> ips =
        all.stream()
            .filter(ip -> !hasVersion4 || ip instanceof Inet4Address)
            .map(InetAddress::getHostAddress)
            .distinct()
            .sorted()
            .toList();
    if (known.learned(endpoint, ips)) {
      LOG.info("{} of upstream {} is now {}", endpoint, upstream.name(), ips);
    }
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
