package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Await;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.invoice.run.Rerating;
import io.tollgate.controlplane.invoice.run.Rerating.Rerated;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every tenant's last invoices would have been under a draft catalog, before anyone applies
 * it. Goes over the tenants in chunks, several at once, each in a transaction of its own that
 * writes nothing; only how far a simulation is and what came of it is kept. Thread-safe.
 */
public final class Reratings implements Room {
  private static final Logger LOG = LoggerFactory.getLogger(Reratings.class);
  private static final int CHUNK = 200;
  private static final int HANDS = 2;

  private final Parts parts;

  /** What this room is built on. */
  public record Parts(
      Database database,
      Subscriptions subscriptions,
      Rerating rerating,
      Ids ids,
      InstantSource wall) {}

  /** Simulations on these parts. */
  public Reratings(Parts parts) {
    this.parts = parts;
  }

  /**
   * A draft to try.
   *
   * @param catalog parsed and consistent; its name says whose invoices are re-rated
   * @param invoices how many of each tenant's last invoices, 1 to 24
   * @param actor who wants to know
   */
  public record Draft(Catalog catalog, int invoices, String actor) {}

  /** Does a whole simulation; blocks until it is done. */
  public ReratingResult rerated(Draft draft) {
    return Await.result(run(begin(draft), draft));
  }

  /** Begins a simulation; it goes on by itself and can be asked for by its id. */
  String begin(Draft draft) {
    String id = parts.ids().next("sim");
    parts
        .database()
        .inTransaction(
            tx -> {
              ReratingStore.insert(tx, id, draft, parts.wall().instant());
              return true;
            });
    return id;
  }

  /** Does the work of a simulation that has begun, in the background. */
  CompletableFuture<ReratingResult> run(String id, Draft draft) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            ReratingResult result = rerate(id, draft);
            keep(id, Optional.of(result), Optional.empty());
            return result;
          } catch (RuntimeException e) {
            LOG.error("simulation {} failed", id, e);
            keep(id, Optional.empty(), Optional.of(String.valueOf(e)));
            throw e;
          }
        },
        task -> Thread.ofVirtual().name(id).start(task));
  }

  private void keep(String id, Optional<ReratingResult> result, Optional<String> problem) {
    parts
        .database()
        .inTransaction(
            tx -> {
              ReratingStore.finish(tx, id, result, problem, parts.wall().instant());
              return true;
            });
  }

  /** The tenants not yet taken, chunk by chunk. */
  private final class Tenants {
    private final String catalog;
    private String after = "";

    Tenants(String catalog) {
      this.catalog = catalog;
    }

    synchronized List<String> next() {
      List<String> chunk =
          parts
              .database()
              .inTransaction(tx -> parts.subscriptions().tenants(tx, catalog, after, CHUNK));
      if (!chunk.isEmpty()) {
        after = chunk.getLast();
      }
      return chunk;
    }
  }

  private ReratingResult rerate(String id, Draft draft) {
    Tenants tenants = new Tenants(draft.catalog().name());
    ReratingSums sums = new ReratingSums();
    try (ExecutorService hands = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> working = new ArrayList<>();
      for (int i = 0; i < HANDS; i++) {
        working.add(hands.submit(() -> work(id, draft, tenants, sums)));
      }
      working.forEach(Await::result);
    }
    return sums.result();
  }

  private void work(String id, Draft draft, Tenants tenants, ReratingSums sums) {
    List<String> chunk = tenants.next();
    while (!chunk.isEmpty()) {
      Map<String, List<Rerated>> rerated = rerated(draft, chunk);
      long done;
      synchronized (sums) {
        rerated.forEach(sums::add);
        done = sums.tenants();
      }
      parts
          .database()
          .inTransaction(
              tx -> {
                ReratingStore.progress(tx, id, done, parts.wall().instant());
                return true;
              });
      chunk = tenants.next();
    }
  }

  /** A chunk's invoices by tenant, newest first. */
  private Map<String, List<Rerated>> rerated(Draft draft, List<String> tenants) {
    Map<String, List<Rerated>> byTenant = new TreeMap<>();
    for (int skip = 0; skip < draft.invoices(); skip++) {
      int layer = skip;
      // A layer has one invoice of each tenant, so that no subscription is in it twice.
      List<Rerated> found =
          parts
              .database()
              .inTransaction(tx -> parts.rerating().last(tx, tenants, draft.catalog(), layer));
      found.forEach(
          each ->
              byTenant
                  .computeIfAbsent(each.before().tenant(), tenant -> new ArrayList<>())
                  .add(each));
      if (found.isEmpty()) {
        break;
      }
    }
    return byTenant;
  }

  @Override
  public void mount(Routes routes) {
    new ReratingRoutes(this, parts.database(), parts.wall()).mount(routes);
  }
}
