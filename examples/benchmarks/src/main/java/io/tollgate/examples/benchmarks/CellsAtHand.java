package io.tollgate.examples.benchmarks;

import io.tollgate.proxy.limit.LimitStore;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.Owner;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** The cells of all tenants in this thread: what remains of a decision is the node's own part. */
final class CellsAtHand implements LimitStore, Owner {
  private final Map<String, TenantCell> cells = new HashMap<>();
  private final LongSupplier millis;
  private long requests;

  CellsAtHand(LongSupplier millis) {
    this.millis = millis;
  }

  /** Operations so far. */
  long requests() {
    return requests;
  }

  @Override
  public String node() {
    return "here";
  }

  @Override
  public long incarnation() {
    return 1;
  }

  @Override
  public int nodes() {
    return 1;
  }

  @Override
  public void lease(LeaseRequest request, Answer answer) {
    requests++;
    TenantCell cell = cells.computeIfAbsent(request.tenant(), tenant -> new TenantCell());
    answer.replied(cell.apply(request, this));
  }

  @Override
  public void recall(String tenant, Set<CounterName> counters, Runnable done) {
    done.run();
  }

  @Override
  public String id() {
    return "here";
  }

  @Override
  public long nowMillis() {
    return millis.getAsLong();
  }

  @Override
  public boolean isMember(String id) {
    return id.equals("here");
  }
}
