package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;

/**
 * Is told of top-ups of money that wait for their payment, in the transaction that made their
 * invoice final. Rooms after this one implement it; what they throw undoes the top-up.
 */
@FunctionalInterface
public interface TopUpListener {
  /**
   * A top-up's invoice is to be paid.
   *
   * @param topUp pending, with its invoice
   * @param collection when somebody is to be asked for the money
   */
  void invoiced(Transaction tx, TopUp topUp, TopUp.Collection collection);
}
