package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Transaction;

/**
 * Is told of attempts that did not settle, in the transaction that stores them. What settles is
 * told by the invoice.
 */
@FunctionalInterface
public interface PaymentListener {
  /** The payer's bank refused. */
  void declined(Transaction tx, Attempt attempt);
}
