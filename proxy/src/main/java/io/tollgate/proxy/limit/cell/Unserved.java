package io.tollgate.proxy.limit.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Nodes whose calls wait for units that the quota's root is to grant, in the order in which they
 * came: what arrives is theirs in that order. Without it the node that places the orders would take
 * all, again and again, while the calls of another wait in vain. Likewise nodes that were refused
 * permits: without it the node that has them takes each anew that comes back. Known to one owner
 * only: who asks again elsewhere is at the end of the row.
 */
final class Unserved {
  /** Who has not asked again for so long waits no more. */
  private static final long FRESH_MILLIS = 300;

  private List<Waiting> waiting = List.of(); // of a cell for whose units nobody waits

  private record Waiting(String node, long incarnation, long units, long askedAt) {
    boolean isOf(LeaseRequest request) {
      return incarnation == request.incarnation() && node.equals(request.node());
    }
  }

  /** Units that nodes wait for which came before this one. */
  long before(LeaseRequest request, long now) {
    drop(other -> now - other.askedAt() > FRESH_MILLIS);
    long units = 0;
    for (Waiting other : waiting) {
      if (other.isOf(request)) {
        return units;
      }
      units += other.units();
    }
    return units;
  }

  /** Units that other nodes wait for. */
  long besides(LeaseRequest request) {
    long units = 0;
    for (Waiting other : waiting) {
      units += other.isOf(request) ? 0 : other.units();
    }
    return units;
  }

  /**
   * How many permits this node may have of those that are free: what comes back is for nodes that
   * have less than their part of all, as far as they wait for it, in the order in which they came.
   */
  long partOf(long free, long permits, LeaseRequest request, Holdings holdings, long now) {
    drop(other -> now - other.askedAt() > FRESH_MILLIS);
    if (waiting.isEmpty()) {
      return free;
    }
    long part = part(permits, request, holdings);
    long before = 0;
    long all = 0;
    boolean isBefore = true;
    for (Waiting other : waiting) {
      isBefore &= !other.isOf(request);
      long lacks = part - holdings.of(other.node(), other.incarnation()).outstanding();
      long claim = other.isOf(request) ? 0 : Math.clamp(lacks, 0, other.units());
      before += isBefore ? claim : 0;
      all += claim;
    }
    long own = Math.max(0, part - holdings.of(request.node(), request.incarnation()).outstanding());
    return Math.max(0, Math.max(free - all, Math.min(own, free - before)));
  }

  /** All permits divided by the nodes that have some or wait for some, rounded up. */
  long part(long permits, LeaseRequest request, Holdings holdings) {
    long nodes = 1L + holdings.holdersBeside(request);
    for (Waiting other : waiting) {
      boolean isCounted =
          other.isOf(request) || holdings.of(other.node(), other.incarnation()).outstanding() > 0;
      nodes += isCounted ? 0 : 1;
    }
    return (permits + nodes - 1) / nodes;
  }

  /** Until when somebody waits, unless it asks again; 0 for nobody. */
  long waitsUntil() {
    long until = 0;
    for (Waiting node : waiting) {
      until = Math.max(until, node.askedAt() + FRESH_MILLIS);
    }
    return until;
  }

  /** The node did not get what it needs; it keeps its place. */
  void waits(LeaseRequest request, long units, long now) {
    Waiting present = new Waiting(request.node(), request.incarnation(), units, now);
    for (int i = 0; i < waiting.size(); i++) {
      if (waiting.get(i).isOf(request)) {
        waiting.set(i, present);
        return;
      }
    }
    if (waiting.isEmpty()) {
      waiting = new ArrayList<>(2);
    }
    waiting.add(present);
  }

  /** The node waits for nothing. */
  void served(LeaseRequest request) {
    drop(other -> other.isOf(request));
  }

  private void drop(Predicate<Waiting> which) {
    if (!waiting.isEmpty() && waiting.removeIf(which) && waiting.isEmpty()) {
      waiting = List.of();
    }
  }
}
