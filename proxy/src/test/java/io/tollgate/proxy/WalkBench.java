package io.tollgate.proxy;

import io.tollgate.proxy.admin.AccessLog;
import io.tollgate.proxy.admin.Denials;
import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.caller.TrustedPeers;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.decision.Decisions;
import io.tollgate.proxy.entitlement.CacheSettings;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.entitlement.EntitlementCache;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.tenant.KeyShelf;
import io.tollgate.proxy.tenant.TenantResolver;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One event loop's walk behind a real port, for one tenant, with limits that a test makes. */
final class WalkBench implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final EntitlementCache entitlements;
  private final Edge edge;

  /**
   * Starts one whose callers are the tenant {@code anyone}.
   *
   * @param directory an empty one
   * @param controlPlane its port
   * @param origin the upstream's port
   * @param listener more keys of the listener, in flow style, each after a comma
   */
  WalkBench(Path directory, int controlPlane, int origin, Limits limits, String listener)
      throws Exception {
    Clock clock = Clock.systemUTC();
    ProxySettings settings =
        ProxyFile.parse(
            "test",
            """
            listener: {host: 127.0.0.1, port: 0%s}
            control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s}
            identification: {anonymous-tenant: anyone}
            upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
            """
                .formatted(listener, controlPlane, origin),
            Map.of("TOKEN", FakeControlPlane.TOKEN));
    RequestCheck check = new RequestCheck(settings.listener().defence().headerCount());
    entitlements =
        EntitlementCache.open(
            vertx,
            new ControlPlane(vertx, settings.controlPlane()),
            CacheSettings.of(directory.resolve("entitlements"), settings.staleness(), 100),
            clock);
    TenantResolver tenants =
        TenantResolver.open(
            vertx,
            settings.identification(),
            new Calls(check, new TrustedPeers(List.of())),
            entitlements,
            KeyShelf.in(directory.resolve("keys"), clock),
            clock);
    Rooms rooms =
        new Rooms(
            entitlements,
            limits,
            new Decisions(402, 429),
            (tenant, meter, units) -> {},
            metrics,
            new CallReport(check, new AccessLog(0, false, clock), null),
            new Denials("t-", 16, clock),
            check);
    edge =
        new Edge(
            settings,
            rooms,
            new UpstreamHealth(),
            RouteTable.of(settings.routes(), tenants, metrics));
    await(vertx.deployVerticle(edge));
  }

  int port() {
    return edge.port();
  }

  /** Calls that have been forwarded and are under way. */
  int inFlight() {
    return edge.inFlight();
  }

  /** How many callers were stopped for that. */
  int defended(String what) {
    Double count =
        metrics
            .registry()
            .getSampleValue("tollgate_defence_total", new String[] {"what"}, new String[] {what});
    return count == null ? 0 : count.intValue();
  }

  @Override
  public void close() {
    await(entitlements.close());
    await(vertx.close());
  }

  private static void await(Future<?> future) {
    future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
