package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Transaction;
import java.util.List;

/** Does the due work of a kind. */
@FunctionalInterface
public interface WorkHandler {
  /**
   * Does a batch in the transaction that takes it off the agenda, so that each entry is done
   * exactly once. May schedule the same kind and subject anew. An exception puts the batch back;
   * its entries then come one by one, and the one that fails is tried again later and at last set
   * aside.
   *
   * @param due at least one entry, by due instant
   */
  void run(Transaction tx, List<DueWork> due);
}
