package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * Two nodes whose cells are at hand, on a time of their own: what one recalls, the other gives back
 * a moment later.
 */
final class Neighbours {
  final DirectStore store = new DirectStore(Instant.parse("2026-11-10T12:00:00Z").toEpochMilli());
  private final Queue<Runnable> recalls = new ArrayDeque<>();
  private final List<Node> nodes = new ArrayList<>();
  private int recalled;

  /** One of them. */
  final class Node extends NamedStore {
    final LeasedLimits limits =
        new LeasedLimits(this, LimitSettings.DEFAULT, store::nanos, null, alert -> {});

    private Node(String name) {
      super(name, 1, 2);
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      store.lease(request, answer);
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      recalled++;
      for (Node other : nodes) {
        if (!other.node().equals(node())) {
          recalls.add(() -> other.limits.giveBack(tenant, counters, done));
        }
      }
    }
  }

  /** A node joins. */
  Node join(String name) {
    Node node = new Node(name);
    nodes.add(node);
    return node;
  }

  /** How often something was recalled. */
  int recalled() {
    return recalled;
  }

  /** A millisecond goes by. */
  void pass() {
    store.advance(1);
    while (!recalls.isEmpty()) {
      recalls.remove().run();
    }
    nodes.forEach(node -> node.limits.tick());
  }
}
