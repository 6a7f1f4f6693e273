package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.util.Set;

/**
 * Where the cells are. One request becomes one operation on the tenant's owner. Implementations
 * neither block the caller nor throw.
 */
public interface LimitStore {
  /** This node's name. */
  String node();

  /** This node's incarnation. */
  long incarnation();

  /** Nodes that may hold leases as far as known, at least 1. */
  int nodes();

  /**
   * Sends a request to the tenant's cell. Answers once, on any thread, within the store's own
   * bound.
   */
  void lease(LeaseRequest request, Answer answer);

  /**
   * Asks the other nodes to give back what they hold unspent of these counters, and waits for it,
   * within the store's own bound.
   *
   * @param done run once, on any thread, whether or not something came back
   */
  void recall(String tenant, Set<CounterName> counters, Runnable done);

  /** The answer to a request. */
  interface Answer {
    /** The cell answered. */
    void replied(LeaseReply reply);

    /** Whether the cell got the request is not known; it will be repeated. */
    void failed(String why);
  }
}
