package io.tollgate.proxy;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.limit.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The whole proxy, composed as it ships, for callers without a key, whose only limit is 500 at
 * once.
 */
final class TestProxy implements AutoCloseable {
  /** Calls the tenant may have under way. */
  static final int PERMITS = 500;

  private final FakeControlPlane controlPlane = new FakeControlPlane();
  private final String settings;
  private final Proxy proxy;

  /**
   * Starts one.
   *
   * @param data an empty directory
   * @param upstream the origin's port
   * @param listener more keys of the listener, in flow style, such as {@code http2: false}
   */
  TestProxy(Path data, int upstream, String listener) throws Exception {
    this(data, upstream, listener, "");
  }

  /** One with more keys of the upstream, in flow style, each after a comma. */
  TestProxy(Path data, int upstream, String listener, String upstreamKeys) throws Exception {
    this(data, upstream, listener, upstreamKeys, 2);
  }

  /** One that waits so many seconds for calls under way when it goes down. */
  TestProxy(Path data, int upstream, String listener, String upstreamKeys, int drainSeconds)
      throws Exception {
    this(data, upstream, listener, upstreamKeys, drainSeconds, "");
  }

  /** One with routes of its own: the key and what stands below it. */
  TestProxy(
      Path data,
      int upstream,
      String listener,
      String upstreamKeys,
      int drainSeconds,
      String routes)
      throws Exception {
    settings =
        TestSettings.alone(data, controlPlane, listener.isEmpty() ? "" : ", " + listener)
            + """
        identification: {anonymous-tenant: anyone}
        upstreams: {api: {addresses: ["127.0.0.1:%d"]%s}}
        engine: {drain: %ds}
        """
                .formatted(upstream, upstreamKeys, drainSeconds);
    controlPlane.put(anyone());
    proxy = Proxy.start(TestSettings.parse(settings + routes));
  }

  int port() {
    return proxy.port();
  }

  /** Whether it goes down. */
  boolean isDraining() {
    return proxy.isDraining();
  }

  int inFlight() {
    return proxy.inFlight();
  }

  /** Puts the same routes and upstreams in force again, plus a route that nobody calls. */
  void reload(int number) {
    proxy.reload(
        TestSettings.parse(
            settings
                + "routes: [{name: new-%d, match: {path: /never/%d}}, {name: rest}]%n"
                    .formatted(number, number)));
  }

  /** The value of a metric, its labels as the registry writes them; 0 where it is not there yet. */
  long metric(String nameAndLabels) throws IOException {
    try (RawClient admin = new RawClient(proxy.adminPort())) {
      String metrics = admin.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n").response();
      return metrics
          .lines()
          .filter(line -> line.startsWith(nameAndLabels + " "))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(nameAndLabels.length() + 1)))
          .sum();
    }
  }

  /** How often callers were stopped for something. */
  long defended(String what) throws IOException {
    return metric("tollgate_defence_total{what=\"" + what + "\",}");
  }

  @Override
  public void close() {
    proxy.stop();
    controlPlane.close();
  }

  /** The tenant of callers without a key. */
  static Entitlements anyone() {
    return Sample.tenant("anyone")
        .permits("at-once", PERMITS, Duration.ofMinutes(5))
        .entitlements();
  }
}
