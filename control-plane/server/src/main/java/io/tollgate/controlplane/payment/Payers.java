package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Transaction;

/** Knows what a provider is told about a tenant. */
@FunctionalInterface
public interface Payers {
  /** The tenant as a payer. */
  Payer payer(Transaction tx, String tenant);
}
