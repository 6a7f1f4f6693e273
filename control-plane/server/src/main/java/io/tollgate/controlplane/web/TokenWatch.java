package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Transaction;

/** Is told of tokens made and revoked, in the transaction that does it. */
@FunctionalInterface
public interface TokenWatch {
  /**
   * A token changed.
   *
   * @param actor who did it
   * @param action {@code token.created} or {@code token.revoked}
   */
  void changed(Transaction tx, Principal actor, String action, Token token);
}
