package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.RequestWalk.Rooms;
import io.tollgate.proxy.RequestWalk.RouteTable;
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
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.tenant.KeyShelf;
import io.tollgate.proxy.tenant.TenantResolver;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mistake of the proxy's own, in a room that never throws: its caller is answered all the same.
 */
@Timeout(60)
class WalkGuardTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";

  @TempDir Path directory;

  private @Nullable EntitlementCache entitlements;

  @Test
  void roomThatThrows_is500_andTheConnectionGoesOn() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        FakeControlPlane controlPlane = new FakeControlPlane()) {
      controlPlane.put(Sample.tenant("anyone").entitlements());
      Edge edge = edge(vertx, controlPlane.port(), origin.port());
      vertx
          .deployVerticle(edge)
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      try (RawClient client = new RawClient(edge.port())) {
        // The tenant is not known yet, so that the walk goes on later; then at once; then by
        // Vert.x.
        for (String request : List.of(GET, GET, POST)) {
          assertThat(client.send(request).response())
              .startsWith("HTTP/1.1 500")
              .contains("application/problem+json");
        }
      }
      assertThat(edge.inFlight()).isZero();
      assertThat(origin.heads()).isEmpty();
    } finally {
      if (entitlements != null) {
        entitlements.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      }
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  private Edge edge(Vertx vertx, int controlPlane, int origin) throws Exception {
    Clock clock = Clock.systemUTC();
    ProxySettings settings =
        ProxyFile.parse(
            "test",
            """
            listener: {host: 127.0.0.1, port: 0}
            control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s}
            identification: {anonymous-tenant: anyone}
            upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
            """
                .formatted(controlPlane, origin),
            Map.of("TOKEN", FakeControlPlane.TOKEN));
    RequestCheck check = new RequestCheck(settings.listener().defence().headerCount());
    EntitlementCache knowledge =
        EntitlementCache.open(
            vertx,
            new ControlPlane(vertx, settings.controlPlane()),
            CacheSettings.of(directory.resolve("entitlements"), settings.staleness(), 100),
            clock);
    entitlements = knowledge;
    TenantResolver tenants =
        TenantResolver.open(
            vertx,
            settings.identification(),
            new Calls(check, new TrustedPeers(List.of())),
            knowledge,
            KeyShelf.in(directory.resolve("keys"), clock),
            clock);
    ProxyMetrics metrics = new ProxyMetrics();
    Rooms rooms =
        new Rooms(
            knowledge,
            new Broken(),
            new Decisions(402, 429),
            (tenant, meter, units) -> {},
            metrics,
            new CallReport(check, new AccessLog(0, false, clock), null),
            new Denials("t-", 16, clock),
            check);
    return new Edge(
        settings, rooms, new UpstreamHealth(), RouteTable.of(settings.routes(), tenants, metrics));
  }

  private static final class Broken implements Limits {
    @Override
    public void admit(Call call, Continuation then) {
      throw new IllegalStateException("broken");
    }

    @Override
    public void changed(Entitlements entitlements) {}
  }
}
