package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.database.Transaction;
import java.util.List;

/** Is told of every step in the life of subscriptions, in the transaction that stores it. */
@FunctionalInterface
public interface RevisionListener {
  /**
   * Steps were stored. What this throws undoes them.
   *
   * @param revisions at least one, of different subscriptions; a run brings hundreds together, so
   *     answer with few statements
   */
  void revised(Transaction tx, List<Revision> revisions);
}
