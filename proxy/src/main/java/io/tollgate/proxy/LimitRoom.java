package io.tollgate.proxy;

import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.config.ClusterSettings;
import io.tollgate.proxy.config.Enforcement;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.entitlement.Wire;
import io.tollgate.proxy.limit.LimitFigures;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.QuotaRoot;
import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.hazelcast.LimitCluster;
import io.tollgate.proxy.limit.hazelcast.LimitMember;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.concurrent.CompletionStage;

/** Joins the limit room to its cluster, to the control plane's blocks and to the metrics. */
final class LimitRoom {
  private LimitRoom() {}

  /**
   * Joins the cluster; blocks until joined.
   *
   * @throws StartFailure naming the port and how to choose another
   */
  static LimitCluster join(ProxySettings settings, ControlPlane controlPlane, AlertShipper alerts)
      throws StartFailure {
    ClusterSettings cluster = settings.cluster();
    Enforcement enforcement = settings.enforcement();
    try {
      LimitSettings limits =
          new LimitSettings(
              enforcement.answerWithin(),
              storeDown(enforcement.storeDown()),
              enforcement.leaseFor(),
              enforcement.leaseTtl());
      QuotaRoot root = request -> block(controlPlane, request);
      LimitCluster joined =
          switch (cluster.role()) {
            case MEMBER -> LimitCluster.join(shared(settings), limits, root, alerts);
            case CLIENT -> LimitCluster.connect(shared(settings), limits, root, alerts);
          };
      alerts.whenFull(joined.limits()::unheard, joined.limits()::announceAgain);
      alerts.begin(joined.limits()::known);
      if (joined.members() > 0) {
        WarmUp.run(joined.limits());
      }
      return joined;
    } catch (RuntimeException e) {
      throw failure(cluster, e);
    }
  }

  /**
   * Only holds cells, for proxies that are clients; blocks until joined.
   *
   * @throws StartFailure naming the port and how to choose another
   */
  static LimitMember serve(ProxySettings settings) throws StartFailure {
    try {
      return LimitMember.join(shared(settings));
    } catch (RuntimeException e) {
      throw failure(settings.cluster(), e);
    }
  }

  private static io.tollgate.proxy.limit.hazelcast.ClusterSettings shared(ProxySettings settings) {
    ClusterSettings cluster = settings.cluster();
    return new io.tollgate.proxy.limit.hazelcast.ClusterSettings(
        cluster.name(),
        settings.node(),
        cluster.endpoint().host(),
        cluster.endpoint().port(),
        cluster.members(),
        settings.enforcement().callTimeout());
  }

  private static StartFailure failure(ClusterSettings cluster, RuntimeException e) {
    boolean client = cluster.role() == ClusterSettings.Role.CLIENT;
    return new StartFailure(
        Proxy.EXIT_CLUSTER,
        "the limit cluster '"
            + cluster.name()
            + (client ? "' does not answer at " + cluster.members() : "' cannot be joined on ")
            + (client ? "" : cluster.endpoint())
            + " ("
            + e.getMessage()
            + (client
                ? "); its members are set by cluster.members"
                : "); another port is set by cluster.port or --cluster-port, its members by"
                    + " cluster.members"),
        e);
  }

  /** Shows what the escrow does. */
  static void gauges(LimitCluster cluster, AlertShipper alerts, ProxyMetrics metrics) {
    LimitFigures figures = cluster.limits().figures();
    metrics.gauge("tollgate_limit_members", "Members of the limit cluster", cluster::members);
    metrics.gauge("tollgate_limit_requests", "Operations on the cluster", figures::requests);
    metrics.gauge("tollgate_limit_failures", "Operations that failed", figures::failures);
    metrics.gauge("tollgate_limit_recalls", "Recalls of other nodes' leases", figures::recalls);
    metrics.gauge("tollgate_limit_granted_units", "Units leased to this node", figures::granted);
    metrics.gauge("tollgate_limit_over_units", "Of those, beyond their limit", figures::over);
    metrics.gauge(
        "tollgate_limit_unspent_units",
        "Units this node may spend without asking",
        cluster.limits()::outstanding);
    books(cluster.books(), metrics);
    metrics.gauge("tollgate_limit_waits", "Calls that waited for the cluster", figures::waits);
    metrics.gauge(
        "tollgate_limit_alerts_unshipped",
        "Alerts that wait for the control plane",
        alerts::unshipped);
    metrics.gauge(
        "tollgate_limit_alerts_aside",
        "Of those, set aside because the control plane does not understand them",
        alerts::aside);
    metrics.gauge(
        "tollgate_limit_alerts_left",
        "Times an alert was left to its cell, because too many wait; it is announced again",
        alerts::left);
    metrics.gauge(
        "tollgate_limit_lapsed_permits",
        "Permits of calls that neither ran nor ended, taken back",
        figures::lapsedPermits);
    metrics.gauge("tollgate_limit_blind", "Calls decided without it", figures::decidedBlind);
  }

  /** granted = settled + returned + forfeited + outstanding, over the members of a cluster. */
  private static void books(CellFigures books, ProxyMetrics metrics) {
    metrics.gauge("tollgate_cells_granted_units", "Units cells leased to nodes", books::granted);
    metrics.gauge("tollgate_cells_settled_units", "Of those, spent", books::settled);
    metrics.gauge("tollgate_cells_returned_units", "Of those, given back", books::returned);
    metrics.gauge(
        "tollgate_cells_forfeited_units",
        "Of those, run out unreported and taken for spent",
        books::forfeited);
    metrics.gauge(
        "tollgate_cells_outstanding_units",
        "Of those, still with nodes to spend",
        books::outstanding);
  }

  private static StoreDown storeDown(Enforcement.StoreDown policy) {
    return switch (policy) {
      case OPEN -> StoreDown.OPEN;
      case CLOSED -> StoreDown.CLOSED;
      case FAIR_SHARE -> StoreDown.FAIR_SHARE;
    };
  }

  private static CompletionStage<QuotaBlock> block(
      ControlPlane controlPlane, QuotaBlockRequest request) {
    return controlPlane
        .post("/api/proxy/blocks", Buffer.buffer(Wire.write(request)))
        .map(LimitRoom::block)
        .toCompletionStage();
  }

  private static QuotaBlock block(ControlPlane.Answer answer) {
    if (answer.status() != 200) {
      throw new IllegalStateException("POST /api/proxy/blocks: status " + answer.status());
    }
    try {
      return Wire.read(answer.body().getBytes(), QuotaBlock.class);
    } catch (IOException e) {
      throw new IllegalStateException("POST /api/proxy/blocks: " + e.getMessage(), e);
    }
  }
}
