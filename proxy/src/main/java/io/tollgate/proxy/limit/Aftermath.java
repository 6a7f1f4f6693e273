package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is left to do when an escrow's monitor is free again: most of it is mostly empty, since an
 * answer to a call that waited is all there is to do.
 */
final class Aftermath {
  private final TenantEscrow escrow;
  private final LeasedLimits node;
  private @Nullable Admission only;
  private List<Admission> decided = List.of();
  private List<LimitAlert> alerts = List.of();
  private List<Runnable> runs = List.of();
  private Map<Counter, QuotaBlockRequest> orders = Map.of();
  private List<QuotaBlockRequest> returns = List.of();
  private Set<CounterName> recalls = Set.of();

  /** Counters of which other nodes' leases are recalled. */
  Set<Counter> recalled = Set.of();

  /** The next request to the cell. */
  @Nullable LeaseRequest request;

  Aftermath(TenantEscrow escrow, LeasedLimits node) {
    this.escrow = escrow;
    this.node = node;
  }

  void decided(Admission admission) {
    if (only == null) {
      only = admission;
    } else {
      decided = decided.isEmpty() ? new ArrayList<>() : decided;
      decided.add(admission);
    }
  }

  void alert(LimitAlert alert) {
    alerts = alerts.isEmpty() ? new ArrayList<>() : alerts;
    alerts.add(alert);
  }

  void run(List<Runnable> waiting) {
    if (!waiting.isEmpty()) {
      runs = runs.isEmpty() ? new ArrayList<>() : runs;
      runs.addAll(waiting);
    }
  }

  void order(Counter counter, QuotaBlockRequest order) {
    orders = orders.isEmpty() ? new HashMap<>() : orders;
    orders.put(counter, order);
  }

  /** Units that go back to their root; who waits in {@link #run} waits for that, too. */
  void giveBack(QuotaBlockRequest units) {
    returns = returns.isEmpty() ? new ArrayList<>() : returns;
    returns.add(units);
  }

  void recall(Admission admission) {
    AppliedLimits limits = admission.applied();
    recalls = recalls.isEmpty() ? new HashSet<>() : recalls;
    recalled = recalled.isEmpty() ? new HashSet<>() : recalled;
    for (int i = 0; i < limits.counters.length; i++) {
      if (admission.isRefusing(i)) {
        recalls.add(limits.counters[i].name);
        recalled.add(limits.counters[i]);
      }
    }
  }

  boolean recalls() {
    return !recalls.isEmpty();
  }

  /** Does it. Not under the monitor. */
  void go() {
    if (only != null) {
      only.proceed();
    }
    decided.forEach(Admission::proceed);
    alerts.forEach(node::alert);
    giveBack();
    orders.forEach(this::place);
    if (recalls()) {
      node.recall(escrow.tenant(), recalls, escrow::recallDone);
    }
    node.send(escrow, request);
  }

  private void giveBack() {
    AtomicInteger missing = new AtomicInteger(returns.size() + 1);
    Runnable arrived =
        () -> {
          if (missing.decrementAndGet() == 0) {
            runs.forEach(Runnable::run);
          }
        };
    returns.forEach(units -> node.roots().giveBack(units, arrived));
    arrived.run();
  }

  private void place(Counter counter, QuotaBlockRequest order) {
    node.roots()
        .order(
            order,
            block -> escrow.blockCame(counter, order, block),
            () -> escrow.blockFailed(counter, order));
  }
}
