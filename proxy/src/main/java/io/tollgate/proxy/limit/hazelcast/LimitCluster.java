package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.tollgate.proxy.limit.BlockOrders;
import io.tollgate.proxy.limit.CellAccount;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitAlert;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.QuotaRoot;
import io.tollgate.proxy.limit.TenantCell;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This proxy as an embedded member of the limit cluster. Thread-safe. */
public final class LimitCluster implements AutoCloseable {
  static final String CELLS = "tollgate-limits";
  static final String RECALLS = "tollgate-recalls";
  static final String LIMITS = "tollgate-leased-limits";

  private static final Logger LOG = LoggerFactory.getLogger(LimitCluster.class);
  private static final long TICK_MILLIS = 10;
  private static final long SWEEP_MILLIS = 500;
  private static final long LEAVE_SECONDS = 2;

  private final HazelcastInstance hazelcast;
  private final LeasedLimits limits;
  private final ScheduledExecutorService worker;

  private LimitCluster(
      HazelcastInstance hazelcast, LeasedLimits limits, ScheduledExecutorService worker) {
    this.hazelcast = hazelcast;
    this.limits = limits;
    this.worker = worker;
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
    // Read before any configuration is, by what Hazelcast logs first.
    System.setProperty("hazelcast.logging.type", "slf4j");
    ConcurrentMap<String, Object> context = new ConcurrentHashMap<>();
    Config config = MemberConfig.of(settings).setUserContext(context);
    HazelcastInstance hazelcast = Hazelcast.newHazelcastInstance(config);
    ScheduledExecutorService worker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-limits").daemon().factory());
    HazelcastStore store =
        new HazelcastStore(hazelcast, settings, new SecureRandom().nextLong(), worker);
    LeasedLimits limits =
        new LeasedLimits(
            store,
            limitSettings,
            System::nanoTime,
            root == null ? null : new BlockOrders(settings.cluster(), root),
            alerts);
    context.put(LIMITS, limits);
    every(worker, TICK_MILLIS, store::failOverdue);
    every(worker, TICK_MILLIS, limits::tick);
    every(worker, SWEEP_MILLIS, limits::sweep);
    return new LimitCluster(hazelcast, limits, worker);
  }

  /** The limits. */
  public LeasedLimits limits() {
    return limits;
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
    return hazelcast
        .<String, TenantCell>getMap(CELLS)
        .getAsync(tenant)
        .thenApply(cell -> cell == null ? List.of() : CellAccount.of(cell.state()));
  }

  /** Gives all leases back, within a bound, hands its cells to the other members and leaves. */
  @Override
  public void close() {
    try {
      limits.giveBackAll().get(LEAVE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("left the limit cluster before all leases were back; they run out by themselves");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    hazelcast.shutdown();
    worker.shutdownNow();
  }

  private static void every(ScheduledExecutorService worker, long millis, Runnable task) {
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
