package io.tollgate.proxy.limit.cell;

import org.jspecify.annotations.Nullable;

/** The cluster as the member that owns a cell sees it. */
public interface Owner {
  /**
   * This member's identity, new with each start. Empty once it is leaving in order: what it holds
   * of blocks is its heir's, whoever that is.
   */
  String id();

  /** Milliseconds since the epoch; a cell never lets it run backwards. */
  long nowMillis();

  /** Nodes that may hold leases, at least 1. */
  int nodes();

  /** Where the books of this member's cells are summed up; null for nowhere. */
  default @Nullable CellFigures figures() {
    return null;
  }

  /**
   * Whether these cells were lost a moment ago, so that nodes may hold what they do not know of.
   */
  default boolean isLearning() {
    return false;
  }

  /** Whether the member is in this side of the cluster now. */
  boolean isMember(String id);
}
