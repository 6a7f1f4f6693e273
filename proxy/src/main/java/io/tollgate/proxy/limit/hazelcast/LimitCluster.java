package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.util.ConcurrencyUtil;
import io.tollgate.proxy.limit.BlockOrders;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitAlert;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.QuotaRoot;
import io.tollgate.proxy.limit.cell.CellAccount;
import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This proxy as an embedded member or a client of the limit cluster. Thread-safe. */
public final class LimitCluster implements AutoCloseable {
  static final String CELLS = "tollgate-limits";
  static final String RECALLS = "tollgate-recalls";
  static final String LIMITS = "tollgate-leased-limits";
  static final String HOLDERS = "tollgate-lease-holders";
  static final String LOSSES = "tollgate-lost-cells";
  static final String BOOKS = "tollgate-cell-figures";

  private static final Logger LOG = LoggerFactory.getLogger(LimitCluster.class);
  private static final long TICK_MILLIS = 10;
  private static final long SWEEP_MILLIS = 500;
  private static final long COUNT_MILLIS = 2_000;
  private static final long LEAVE_SECONDS = 2;

  private static final Executor ANSWERS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().name("tollgate-answers-", 0).daemon().factory());

  private final HazelcastInstance hazelcast;
  private final HazelcastStore store;
  private final LeasedLimits limits;
  private final CellFigures books;
  private final ScheduledExecutorService worker;
  private final AtomicBoolean left = new AtomicBoolean();

  /** Whether a client hears of the others; its worker's own. */
  private boolean listens;

  /** What is this node's own. */
  private record Node(
      LimitSettings settings,
      @Nullable QuotaRoot root,
      Consumer<LimitAlert> alerts,
      CellFigures books) {}

  private LimitCluster(
      HazelcastInstance hazelcast, ClusterSettings settings, Holders holders, Node node) {
    this.hazelcast = hazelcast;
    this.worker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-limits").daemon().factory());
    long incarnation = new SecureRandom().nextLong();
    this.store = new HazelcastStore(hazelcast, settings, holders, incarnation, worker);
    this.books = node.books();
    QuotaRoot root = node.root();
    this.limits =
        new LeasedLimits(
            store,
            node.settings(),
            System::nanoTime,
            root == null ? null : new BlockOrders(settings.cluster(), root),
            node.alerts());
    every(TICK_MILLIS, store::failOverdue);
    every(TICK_MILLIS, limits::tick);
    every(TICK_MILLIS, () -> limits.sweepOn((int) (SWEEP_MILLIS / TICK_MILLIS)));
  }

  /**
   * Joins the cluster, or founds it when no member answers. Blocks until joined.
   *
   * @param settings the cluster
   * @param limitSettings bounds and policies
   * @param root where blocks of hard quotas come from; null makes the cells their own root
   * @param alerts told of thresholds passed; must not block
   * @throws IllegalStateException when the port is taken or the cluster cannot be joined
   */
  public static LimitCluster join(
      ClusterSettings settings,
      LimitSettings limitSettings,
      @Nullable QuotaRoot root,
      Consumer<LimitAlert> alerts) {
    beforeHazelcast();
    CellFigures books = new CellFigures();
    Config config = MemberConfig.of(settings);
    // Cells may come to this member before it is known here: what is to count them is there first.
    config.getUserContext().put(BOOKS, books);
    HazelcastInstance hazelcast = Hazelcast.newHazelcastInstance(config);
    // The configuration's context was copied: what is put there now nobody would find.
    ConcurrentMap<String, Object> context = hazelcast.getUserContext();
    Holders holders = Holders.ofMember(hazelcast);
    context.put(HOLDERS, holders);
    context.put(LOSSES, Losses.ofMember(hazelcast));
    LimitCluster joined =
        new LimitCluster(
            hazelcast, settings, holders, new Node(limitSettings, root, alerts, books));
    context.put(LIMITS, joined.limits);
    joined.listen();
    return joined;
  }

  /**
   * Connects to a dedicated cluster of {@link LimitMember}s, or of other proxies, as a client.
   * Blocks until connected, at most 5 s: without a cluster it goes on by the policy for that, and
   * uses the cluster when it comes. The settings' own host and port are not used.
   *
   * @param settings the cluster and its members' addresses
   * @param limitSettings bounds and policies
   * @param root where blocks of hard quotas come from; null makes the cells their own root
   * @param alerts told of thresholds passed; must not block
   */
  public static LimitCluster connect(
      ClusterSettings settings,
      LimitSettings limitSettings,
      @Nullable QuotaRoot root,
      Consumer<LimitAlert> alerts) {
    beforeHazelcast();
    HazelcastInstance hazelcast = ClientSetup.connect(settings);
    Holders holders = Holders.ofClient(hazelcast);
    LimitCluster connected =
        new LimitCluster(
            hazelcast, settings, holders, new Node(limitSettings, root, alerts, new CellFigures()));
    Runnable greet = () -> connected.worker.execute(connected::greet);
    var unused =
        hazelcast.getLifecycleService().addLifecycleListener(ClientSetup.whenConnected(greet));
    if (connected.members() > 0) {
      greet.run();
    }
    connected.every(COUNT_MILLIS, connected.store::countHolders);
    return connected;
  }

  /** This client is connected, for the first time or again: says what it holds, and listens. */
  private void greet() {
    if (!listens) {
      try {
        listen();
        listens = true;
      } catch (RuntimeException e) {
        LOG.warn("the limit cluster is gone again: {}", e.toString());
      }
    }
    limits.cellsLost();
  }

  /** Hears of other nodes' recalls, and of lost cells. */
  private void listen() {
    store.serve(limits);
    Losses.tell(hazelcast, limits::cellsLost);
  }

  private static void beforeHazelcast() {
    // Read before any configuration is, by what Hazelcast logs first.
    System.setProperty("hazelcast.logging.type", "slf4j");
    // On one processor Hazelcast starts a thread for every answer of an operation, else it hands it
    // to the common pool. These are kept for the next answer. The threads that answers come on will
    // not do: what Hazelcast chains to its own operations may ask members, which they may not.
    ConcurrencyUtil.setDefaultAsyncExecutor(ANSWERS);
  }

  /** The limits. */
  public LeasedLimits limits() {
    return limits;
  }

  /** The books of the cells this member has worked on; a client works on none. */
  public CellFigures books() {
    return books;
  }

  /** Members of the cluster as this one sees it, itself included. */
  public int members() {
    return hazelcast.getCluster().getMembers().size();
  }

  /**
   * The books of a tenant's cells, from their owner. Completes with an empty list for a tenant
   * without cells, exceptionally when the owner does not answer.
   */
  public CompletionStage<List<CellAccount>> accounts(String tenant) {
    try {
      return hazelcast
          .<String, TenantCell>getMap(CELLS)
          .getAsync(tenant)
          .thenApply(cell -> cell == null ? List.of() : CellAccount.of(cell.state()));
    } catch (RuntimeException e) {
      // A client that was never connected.
      return CompletableFuture.failedStage(e);
    }
  }

  /**
   * Says what was spent and gives all leases back, within a bound of 2 s. Alerts that come of it
   * are announced meanwhile: the way they take should be open still.
   */
  public void leave() {
    if (left.getAndSet(true)) {
      return;
    }
    try {
      limits.leave().get(LEAVE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("left the limit cluster before all leases were back; they run out by themselves");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@link #leave Leaves}, if it has not, and hands its cells to the other members. */
  @Override
  public void close() {
    leave();
    Handover.of(hazelcast);
    hazelcast.shutdown();
    worker.shutdownNow();
  }

  private void every(long millis, Runnable task) {
    Runnable safely =
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            // A periodic task that throws is never run again: log it, go on.
            LOG.error("limit housekeeping failed", e);
          }
        };
    var unused = worker.scheduleWithFixedDelay(safely, millis, millis, TimeUnit.MILLISECONDS);
  }
}
