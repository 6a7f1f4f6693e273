package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a member does with the blocks of its cells before it leaves in order: from now on they are
 * whoever's is next. Whose owner was killed instead may live on beyond a split, and what it held of
 * a block is given up.
 */
final class Handover {
  /** In the user context of a member that is leaving. */
  static final String LEAVING = "tollgate-leaving";

  private static final Logger LOG = LoggerFactory.getLogger(Handover.class);
  private static final long BOUND_NANOS = 5_000_000_000L;
  private static final int AT_ONCE = 256;

  private Handover() {}

  /** Hands over the blocks of all cells of a member, within 5 s; of a client nothing. */
  static void of(HazelcastInstance hazelcast) {
    if (!(hazelcast.getUserContext().get(LimitCluster.HOLDERS) instanceof Holders)) {
      return;
    }
    hazelcast.getUserContext().put(LEAVING, true);
    long end = System.nanoTime() + BOUND_NANOS;
    try {
      IMap<String, TenantCell> cells = hazelcast.getMap(LimitCluster.CELLS);
      Iterator<String> tenants = cells.localKeySet().iterator();
      while (tenants.hasNext()) {
        List<CompletableFuture<?>> claims = new ArrayList<>();
        while (tenants.hasNext() && claims.size() < AT_ONCE) {
          claims.add(cells.submitToKey(tenants.next(), new ClaimProcessor()).toCompletableFuture());
        }
        CompletableFuture.allOf(claims.toArray(CompletableFuture[]::new))
            .get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException | ExecutionException | RuntimeException e) {
      LOG.warn("left before all cells were handed over; what they had of blocks is given up");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
