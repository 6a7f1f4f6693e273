package io.tollgate.proxy;

import io.tollgate.contract.Entitlements;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** A tenant with one limit, all who call for it, and what came to the upstream. */
final class Demand implements AutoCloseable {
  final String tenant;
  final Tally tally;
  final Outages outages = new Outages(System.nanoTime());
  final List<Callers> callers = new ArrayList<>();

  /** Since when they call, by the machine's monotonic clock. */
  final long since = System.nanoTime();

  Demand(Entitlements entitlements, Tally tally, List<Node> nodes, int perNode, long everyNanos) {
    this.tenant = entitlements.tenant();
    this.tally = tally;
    nodes.forEach(node -> callers.add(new Callers(outages, tenant, node, perNode, everyNanos)));
  }

  /** Calls that can be under way at once. */
  int atOnce() {
    return callers.stream().mapToInt(Callers::atOnce).sum();
  }

  long sum(Function<Callers, LongAdder> what) {
    return callers.stream().mapToLong(each -> what.apply(each).sum()).sum();
  }

  long offered() {
    return sum(each -> each.offered);
  }

  /** Refusals by each proxy. */
  List<Long> refused() {
    return callers.stream().map(each -> each.refused.sum()).toList();
  }

  @Override
  public void close() {
    callers.forEach(Callers::close);
  }

  @Override
  public String toString() {
    return "offered %d, admitted %d, refused %d, unknown %d, odd %d, broken %d, hung %d"
        .formatted(
            offered(),
            tally.count(),
            sum(each -> each.refused),
            sum(each -> each.unknown),
            sum(each -> each.odd),
            sum(each -> each.broken),
            sum(each -> each.hung));
  }
}
