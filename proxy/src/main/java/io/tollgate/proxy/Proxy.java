package io.tollgate.proxy;

import io.tollgate.proxy.admin.AccessLog;
import io.tollgate.proxy.admin.Admin;
import io.tollgate.proxy.admin.Denials;
import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.admin.Tracing;
import io.tollgate.proxy.caller.Gates;
import io.tollgate.proxy.caller.TrustedPeers;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.Tls;
import io.tollgate.proxy.decision.Decisions;
import io.tollgate.proxy.entitlement.CacheSettings;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.entitlement.EntitlementCache;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.limit.hazelcast.LimitCluster;
import io.tollgate.proxy.meter.Letterbox;
import io.tollgate.proxy.tenant.KeyShelf;
import io.tollgate.proxy.tenant.TenantResolver;
import io.tollgate.proxy.upstream.Discovery;
import io.tollgate.proxy.upstream.HealthChecks;
import io.tollgate.proxy.upstream.UpstreamHealth;
import io.tollgate.proxy.usage.Journal;
import io.tollgate.proxy.usage.JournalSettings;
import io.tollgate.proxy.usage.Shipper;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running proxy: the rooms, wired, with their ports open. Thread-safe. */
final class Proxy {
  static final int EXIT_DATA = 4;
  static final int EXIT_CLUSTER = 5;

  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  /** For calls under way that still ask the one before. */
  private static final long OLD_RESOLVER_MILLIS = 60_000;

  private static final int MOST_DENIALS = 4_096;

  private final ProxySettings settings;
  private volatile ProxySettings inForce;
  private final Vertx vertx;
  private final ProxyMetrics metrics;
  private final Gates gates;
  private final Journal journal;
  private final ControlPlane controlPlane;
  private final EntitlementCache entitlements;
  private final AlertShipper alerts;
  private final LimitCluster cluster;
  private final RequestCheck check;
  private final KeyShelf shelf;
  private volatile TenantResolver tenants;
  private final @Nullable Tracing tracing;
  private final Shipper shipper;
  private final UpstreamHealth health = new UpstreamHealth();
  private final Denials denials =
      new Denials(
          Integer.toUnsignedString(new SecureRandom().nextInt(), Character.MAX_RADIX) + "-",
          MOST_DENIALS,
          Clock.systemUTC());
  private final List<Edge> edges = new ArrayList<>();
  private final List<AutoCloseable> ports = new ArrayList<>();
  private volatile HealthChecks checks;
  private volatile Discovery discovery;
  private volatile boolean listening;
  private volatile boolean draining;
  private volatile int adminPort;
  private volatile int letterboxPort;

  /** Wires the rooms from the first to the last; a failure closes what was opened. */
  static Proxy start(ProxySettings settings) throws StartFailure {
    ProxyMetrics metrics = new ProxyMetrics();
    Gates gates = new Gates(settings.listener(), metrics);
    Vertx vertx = Kernel.open(settings.engine(), gates);
    try {
      Proxy proxy = new Proxy(settings, vertx, metrics, gates);
      proxy.open();
      return proxy;
    } catch (StartFailure e) {
      Waits.until(vertx.close());
      throw e;
    } catch (IOException e) {
      Waits.until(vertx.close());
      throw new StartFailure(
          EXIT_DATA, "the directory " + settings.data() + " cannot be used: " + e.getMessage(), e);
    }
  }

  private Proxy(ProxySettings settings, Vertx vertx, ProxyMetrics metrics, Gates gates)
      throws IOException, StartFailure {
    this.settings = settings;
    this.inForce = settings;
    this.vertx = vertx;
    this.metrics = metrics;
    this.gates = gates;
    Files.createDirectories(settings.data());
    JournalSettings journalSettings =
        JournalSettings.of(
            settings.node(),
            settings.data().resolve("journal"),
            settings.controlPlane().ship(),
            settings.usage());
    this.journal = Journal.open(journalSettings, Clock.systemUTC());
    this.controlPlane = new ControlPlane(vertx, settings.controlPlane());
    this.entitlements =
        EntitlementCache.open(
            vertx,
            controlPlane,
            CacheSettings.of(
                settings.data().resolve("entitlements"),
                settings.staleness(),
                settings.identification().cacheSize()),
            Clock.systemUTC());
    this.check = new RequestCheck(settings.listener().defence().headerCount());
    this.shelf = KeyShelf.in(settings.data().resolve("issuer-keys"), Clock.systemUTC());
    this.tenants = resolver(settings);
    this.tracing =
        settings.tracing() == null
            ? null
            : new Tracing(
                vertx,
                settings.tracing(),
                Clock.systemUTC(),
                () -> ThreadLocalRandom.current().nextLong());
    this.alerts = new AlertShipper(vertx, controlPlane, settings.node());
    this.cluster = LimitRoom.join(settings, controlPlane, alerts);
    entitlements.onChange(cluster.limits()::changed);
    this.discovery = new Discovery(vertx, settings.upstreams().values(), health);
    this.checks = new HealthChecks(vertx, settings.upstreams().values(), health);
    this.shipper = Shipper.start(vertx, journal, controlPlane, journalSettings);
  }

  private TenantResolver resolver(ProxySettings from) {
    return TenantResolver.open(
        vertx,
        from.identification(),
        new Calls(check, new TrustedPeers(from.listener().trustedPeers())),
        entitlements,
        shelf,
        Clock.systemUTC());
  }

  private void open() throws StartFailure {
    ports.add(() -> tenants.close());
    Tracing spans = tracing;
    if (spans != null) {
      ports.add(spans);
      metrics.gauge("tollgate_spans_sent", "Spans a collector has taken", spans::sent);
      metrics.gauge("tollgate_spans_dropped", "Spans lost on the way", spans::dropped);
    }
    Rooms rooms =
        new Rooms(
            entitlements,
            cluster.limits(),
            new Decisions(
                settings.enforcement().blockedStatus(), settings.enforcement().quotaStatus()),
            journal,
            metrics,
            new CallReport(
                check,
                new AccessLog(
                    settings.engine().accessLog(),
                    settings.engine().accessLogRefused(),
                    Clock.systemUTC()),
                tracing),
            denials,
            check);
    RouteTable table = RouteTable.of(settings.routes(), tenants, metrics);
    ports.add(() -> discovery.close());
    ports.add(() -> checks.close());
    Admin admin =
        Waits.bound(
            Admin.open(vertx, settings.admin(), metrics, new ProxyView(this)),
            settings.admin(),
            "admin.port",
            "--admin-port");
    adminPort = admin.port();
    Letterbox letterbox =
        Waits.bound(
            Letterbox.open(vertx, settings.letterbox(), journal),
            settings.letterbox(),
            "letterbox.port",
            "--letterbox-port");
    letterboxPort = letterbox.port();
    ports.add(() -> Waits.until(letterbox.close()));
    ports.add(() -> Waits.until(admin.close()));
    for (int i = 0; i < settings.engine().eventLoops(); i++) {
      Edge edge = new Edge(settings, rooms, health, table);
      Waits.bound(
          vertx.deployVerticle(edge, new DeploymentOptions()),
          settings.listener().endpoint(),
          "listener.port",
          "--port");
      edges.add(edge);
    }
    Tls tls = settings.listener().tls();
    if (tls != null) {
      ports.add(new CertificateWatch(vertx, tls, edges.get(0)::renewCertificates));
    }
    ports.add(Rest.begin(vertx, () -> inFlight() > 0, metrics::calls));
    gauges();
    listening = true;
    LOG.info(
        "ready: traffic {}, admin {}, letterbox {}",
        settings.listener().endpoint().withPort(port()),
        settings.admin().withPort(adminPort),
        settings.letterbox().withPort(letterboxPort));
  }

  private void gauges() {
    LimitRoom.gauges(cluster, alerts, metrics);
    metrics.gauge("tollgate_in_flight", "Calls under way", this::inFlight);
    metrics.gauge("tollgate_connections", "Open connections of callers", gates::connections);
    ProxyGauges.knowledge(metrics, entitlements);
    ProxyGauges.tokens(metrics, () -> tenants.status());
    ProxyGauges.usage(metrics, shipper);
  }

  /** What is in force: the settings of the start, with the routes and upstreams loaded last. */
  ProxySettings settings() {
    return inForce;
  }

  Denials denials() {
    return denials;
  }

  EntitlementCache entitlements() {
    return entitlements;
  }

  LimitCluster cluster() {
    return cluster;
  }

  Shipper shipper() {
    return shipper;
  }

  boolean isListening() {
    return listening;
  }

  boolean isDraining() {
    return draining;
  }

  /** The port the traffic comes to. */
  int port() {
    return edges.get(0).port();
  }

  int adminPort() {
    return adminPort;
  }

  int letterboxPort() {
    return letterboxPort;
  }

  int inFlight() {
    return edges.stream().mapToInt(Edge::inFlight).sum();
  }

  /**
   * Swaps in newer routes, upstreams and identification without touching a call under way. The rest
   * of the file waits for the next start.
   */
  void reload(ProxySettings newer) {
    TenantResolver replaced = tenants;
    if (!newer.identification().equals(inForce.identification())) {
      tenants = resolver(newer);
      vertx.setTimer(OLD_RESOLVER_MILLIS, gone -> replaced.close());
    }
    inForce = settings.with(newer);
    List<String> waiting = settings.waiting(newer);
    if (!waiting.isEmpty()) {
      LOG.warn("what the file changes in {} waits for the next start", waiting);
    }
    RouteTable table = RouteTable.of(newer.routes(), tenants, metrics);
    discovery.close();
    discovery = new Discovery(vertx, newer.upstreams().values(), health);
    HealthChecks before = checks;
    checks = new HealthChecks(vertx, newer.upstreams().values(), health);
    before.close();
    edges.forEach(edge -> edge.reload(table, newer.upstreams()));
  }

  /**
   * Goes down in order: unready, no new calls, those under way end within the bound, leases go
   * back, what was counted and what passed thresholds is shipped (the last of it was heard when the
   * leases went back), the cluster is left. Returns when all is done; a second call returns at
   * once.
   */
  void stop() {
    synchronized (this) {
      if (draining) {
        return;
      }
      draining = true;
    }
    long drain = settings.engine().drain().toMillis();
    LOG.info("draining {} call(s), at most {} ms", inFlight(), drain);
    List<Future<Void>> drains = edges.stream().map(edge -> edge.drain(drain)).toList();
    Waits.atMost(Future.join(drains).mapEmpty(), drain + 1000);
    cluster.leave();
    Waits.until(Future.join(shipper.flush(), alerts.flush()).mapEmpty());
    for (AutoCloseable port : ports) {
      Waits.close(port);
    }
    shipper.close();
    Waits.until(entitlements.close());
    Waits.close(cluster);
    journal.close();
    Waits.until(controlPlane.close());
    Waits.until(vertx.close());
    LOG.info("down");
  }
}
