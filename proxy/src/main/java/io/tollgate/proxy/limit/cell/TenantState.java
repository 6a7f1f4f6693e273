package io.tollgate.proxy.limit.cell;

import java.util.List;
import java.util.Objects;

/**
 * A tenant's cells at rest, whole or those a request touched.
 *
 * @param now up to when the owner's clock has come, epoch milliseconds
 * @param sessions what was last said to each node incarnation
 * @param counters the cells
 */
public record TenantState(long now, List<SessionState> sessions, List<CounterState> counters) {
  public TenantState {
    sessions = List.copyOf(sessions);
    counters = List.copyOf(counters);
  }

  /**
   * The last exchange with a node incarnation: its repetition gets the same answer.
   *
   * @param node the node's name
   * @param incarnation the node's incarnation
   * @param seenAt when, by the owner's clock
   * @param reply the answer
   */
  public record SessionState(String node, long incarnation, long seenAt, LeaseReply reply) {
    public SessionState {
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(reply, "reply");
    }
  }
}
